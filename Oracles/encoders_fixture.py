"""Makes Tests/LowRankTransformersTests/Fixtures/encoders/<name>/: tiny classifiers, what they say.

    python Oracles/encoders_fixture.py [--output DIR] [--only NAME]

Each folder holds `model.safetensors` and `config.json` as transformers 5 writes them, and
`config-v4.json`, the same in the words of transformers 4. Beside them:

- `expected.safetensors`: for rows of several lengths `ids.N` I64 [1, tokens], `types.N` alike where
  the model has token types, `hidden.N` F32 [tokens, width] (the base's last hidden states, a final
  norm included), `logits.N` F32 [1, labels]; `padded.logits` F32 [rows, labels] of the same rows as
  one padded batch.
- `adapter/`: a PEFT adapter of task SEQ_CLS with its trained head, no factor zero.
- `gradients.safetensors`: three rows (`ids.i`, `types.i`), their `labels` (I64 [3], F32 [3] or F32
  [3, labels]), the padded batch's mean `loss` [1], and `gradient.<tensor of the adapter file>`.

`bert-mlm` and `bert-bare` are the encoder of `bert` as BertForMaskedLM and as BertModel: hidden
states only, no adapter.

A second run writes the same weights; the last bits of the expected numbers may differ.
"""

import argparse
import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, BertForMaskedLM, BertModel

from models_fixture import DEFAULT as MODELS
from models_fixture import MADE_BY as MODELS_MADE_BY
from models_fixture import forget_machine, transformers4
from tiny_encoders import (ENCODERS, LENGTHS, VISIBLE, Encoder, classifier, outputs, padded,
                           random_labels, random_rows)
from tiny_models import configuration, random_model

DEFAULT = MODELS / "encoders"
MADE_BY = MODELS_MADE_BY | {"made_by": "Oracles/encoders_fixture.py"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--only", help="one model")
    arguments = parser.parse_args()
    for number, encoder in enumerate(ENCODERS):
        if arguments.only in (None, encoder.name):
            write(encoder, arguments.output / encoder.name, seed=2000 + 10 * number)
    bert = arguments.output / "bert"
    for name, kind in (("bert-mlm", BertForMaskedLM), ("bert-bare", BertModel)):
        if arguments.only in (None, name):
            write_base(bert, kind, arguments.output / name)


def write(encoder: Encoder, folder: Path, seed: int):
    folder.mkdir(parents=True, exist_ok=True)
    model = classifier(encoder, seed)
    save(model, folder)
    rows = random_rows(model.config, LENGTHS, seed)
    check(encoder, folder, rows, say(reload(folder), rows))
    save_file(expected(reload(folder), rows), folder / "expected.safetensors", MADE_BY)
    save_file(gradients(encoder, folder, seed), folder / "gradients.safetensors", MADE_BY)
    size = sum(f.stat().st_size for f in folder.rglob("*.*"))
    print(f"{encoder.name:24} {size:7,} bytes")


def write_base(bert: Path, kind, folder: Path):
    """The encoder of `bert`, kept as another class keeps it."""
    source = reload(bert)
    values = {k: v for k, v in source.config.to_dict().items() if k != "architectures"}
    model = random_model(configuration(values), seed=1, kind=kind)
    base = model if kind is BertModel else model.bert
    base.load_state_dict(source.bert.state_dict(), strict=kind is BertModel)
    save(model, folder)
    rows = random_rows(source.config, LENGTHS, seed=1)
    result = named_rows(rows)
    again = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        for i, (ids, types) in enumerate(rows):
            hidden = again.base_model(input_ids=ids, token_type_ids=types).last_hidden_state[0]
            torch.testing.assert_close(hidden, outputs(source, rows[i])[0], rtol=0, atol=1e-5)
            result[f"hidden.{i}"] = hidden.contiguous()
    save_file(result, folder / "expected.safetensors", MADE_BY)


def save(model, folder: Path):
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    old = words_of_transformers4(json.loads((folder / "config.json").read_text()))
    (folder / "config-v4.json").write_text(json.dumps(old, indent=2) + "\n")


def words_of_transformers4(config: dict) -> dict:
    if config["model_type"] == "modernbert":
        rope, layers = config.pop("rope_parameters"), config["layer_types"]
        every = layers.index("full_attention", 1) if "full_attention" in layers[1:] else len(layers)
        config |= dict(global_rope_theta=rope["full_attention"]["rope_theta"],
                       local_rope_theta=rope["sliding_attention"]["rope_theta"],
                       global_attn_every_n_layers=every)
    if config.get("pos_att_type"):
        config["pos_att_type"] = "|".join(config["pos_att_type"])
    return transformers4(config)


def reload(folder: Path, config=None):
    options = {} if config is None else dict(config=config)
    return AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **options).eval()


def say(model, rows) -> torch.Tensor:
    """All hidden states and logits of the rows, each run by itself, in one vector."""
    return torch.cat([value.flatten() for row in rows for value in outputs(model, row)])


def check(encoder: Encoder, folder: Path, rows, said):
    """Both configurations say the same, and every decoy another thing."""
    old = json.loads((folder / "config-v4.json").read_text())
    same = say(reload(folder, configuration(old)), rows)
    torch.testing.assert_close(same, said, rtol=0, atol=1e-5)
    for decoy, least in encoder.decoys:
        other = say(reload(folder, configuration(encoder.config | encoder.task | decoy)), rows)
        assert (change := far(other, said)) > least, f"{encoder.name} {decoy}: {change}"
    model = reload(folder)
    if rows[0][1] is not None:
        without = say(model, [(ids, torch.zeros_like(types)) for ids, types in rows])
        assert (change := far(without, said)) > VISIBLE, f"{encoder.name} types: {change}"
    # Every parameter matters, but those that add the same to all scores of a softmax: a key's bias,
    # and without p2c the bias of the relative positions' norm.
    inert = ("key.bias", "k_lin.bias", "key_proj.bias")
    if encoder.name == "deberta-v2-c2p":
        inert += ("encoder.LayerNorm.bias",)
    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        kept = parameter.data.clone()
        parameter.data += torch.randn(parameter.shape)
        change = far(say(model, rows), said)
        parameter.data = kept
        assert change > VISIBLE or name.endswith(inert), f"{encoder.name} {name}: {change}"


def far(one: torch.Tensor, other: torch.Tensor) -> float:
    return (one - other).abs().max().item()


def named_rows(rows) -> dict:
    result = {f"ids.{i}": ids for i, (ids, _) in enumerate(rows)}
    return result | {f"types.{i}": types for i, (_, types) in enumerate(rows) if types is not None}


def expected(model, rows) -> dict:
    result = named_rows(rows)
    for i, row in enumerate(rows):
        result[f"hidden.{i}"], result[f"logits.{i}"] = outputs(model, row)
    with torch.no_grad():
        batch = model(**padded(model.config, rows)).logits.contiguous()
    alone = torch.cat([result[f"logits.{i}"] for i in range(len(rows))])
    torch.testing.assert_close(batch, alone, rtol=0, atol=1e-5)
    return result | {"padded.logits": batch}


def gradients(encoder: Encoder, folder: Path, seed: int) -> dict:
    model = reload(folder)
    config = model.config
    rows = random_rows(config, (5, 12, 9), seed + 1)
    labels = random_labels(config, len(rows), seed + 1)
    adapted = get_peft_model(model, LoraConfig(
        task_type="SEQ_CLS", r=4, lora_alpha=8, lora_dropout=0.0,
        fan_in_fan_out=config.model_type == "gpt2", target_modules=encoder.targets)).eval()
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in adapted.named_parameters():
        if parameter.requires_grad:
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
    loss = adapted(**padded(config, rows), labels=labels).loss
    loss.backward()
    adapted.save_pretrained(folder / "adapter")
    forget_machine(folder / "adapter", folder.name)
    grads = {k: p.grad for k, p in adapted.named_parameters() if p.requires_grad}
    assert all(g is not None and g.abs().max() > 1e-6 for g in grads.values()), grads
    tensors = get_peft_model_state_dict(adapted, state_dict=grads)
    assert len(tensors) == len(grads)
    return named_rows(rows) | {"labels": labels, "loss": loss.detach().reshape(1)} | {
        f"gradient.{k}": v.contiguous() for k, v in tensors.items()}


if __name__ == "__main__":
    main()
