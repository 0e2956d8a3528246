"""Makes Tests/LowRankTransformersTests/Fixtures/<variant>/: tiny models with their logits.

    python Oracles/models_fixture.py [--output DIR] [--only NAME]

Each folder holds `model.safetensors`, `config.json` as transformers 5 writes it, `config-v4.json`
as transformers 4 wrote it (the same model), and `expected.safetensors` with `ids.N` I64 [1, tokens]
and `logits.N` F32 [tokens, vocabulary]. `gpt2/hub.safetensors` has the same weights under the names
of the original GPT-2 checkpoint: no `transformer.` prefix, the mask buffers `h.N.attn.bias` kept.

`gpt2` and `qwen2` also get `adapter/`, a PEFT adapter, and `gradients.safetensors`: a batch (`ids`
and `labels` [2, tokens], unshifted, -100 where nothing is predicted), its mean loss and gradients
with the adapter (`adapter.loss`, `adapter.gradient.<tensor of the adapter file>`) and of the whole
model without it (`base.loss`, `base.gradient.<parameter>`).

A second run writes the same weights; the last bits of the expected numbers may differ.
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from tiny_models import VARIANTS, Variant, configuration, logits, random_ids, random_model

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "Tests/LowRankTransformersTests/Fixtures"
MADE_BY = {"made_by": "Oracles/models_fixture.py", "transformers": transformers.__version__}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--only", help="one variant")
    arguments = parser.parse_args()
    for number, variant in enumerate(VARIANTS):
        if arguments.only in (None, variant.name):
            write(variant, arguments.output / variant.name, seed=1000 + number)


def write(variant: Variant, folder: Path, seed: int):
    model = random_model(configuration(variant.config), seed)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if variant.head:
        change_head(folder / "model.safetensors", variant.head)
    old = transformers4(json.loads((folder / "config.json").read_text()))
    (folder / "config-v4.json").write_text(json.dumps(old, indent=2) + "\n")

    inputs = [random_ids(model.config.vocab_size, n, seed + i)
              for i, n in enumerate(variant.lengths)]
    # Each length on a fresh model: dynamic RoPE remembers the longest sequence it saw.
    outputs = [logits(reload(folder, model.config), ids) for ids in inputs]
    check(variant, folder, inputs[0], outputs[0])
    expected = {f"ids.{i}": ids for i, ids in enumerate(inputs)}
    expected |= {f"logits.{i}": values for i, values in enumerate(outputs)}
    save_file(expected, folder / "expected.safetensors", MADE_BY)

    if variant.name == "gpt2":
        save_file(hub_names(load_file(folder / "model.safetensors"), model.config),
                  folder / "hub.safetensors", {"format": "pt"})
    if variant.name in ("gpt2", "qwen2"):
        save_file(gradients(folder, seed), folder / "gradients.safetensors", MADE_BY)
    print(f"{variant.name:26} {sum(f.stat().st_size for f in folder.rglob('*.*')):7,} bytes")


def change_head(file: Path, head: str):
    """Gives the checkpoint of a tied model a head of other numbers, or its table under the head's name."""
    tensors = load_file(file)
    table = next(name for name in tensors if name.endswith(("wte.weight", "embed_tokens.weight")))
    if head == "other":
        tensors["lm_head.weight"] = tensors[table].flip(0).contiguous()
    else:
        tensors["lm_head.weight"] = tensors.pop(table)
    save_file(tensors, file, {"format": "pt"})


def reload(folder: Path, config):
    return AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager").eval()


def check(variant: Variant, folder: Path, ids, expected):
    """Both configurations give the same logits, and every decoy gives others."""
    old = json.loads((folder / "config-v4.json").read_text())
    same = logits(reload(folder, configuration(old)), ids)
    torch.testing.assert_close(same, expected, rtol=0, atol=1e-5)
    for decoy in variant.decoys:
        other = logits(reload(folder, configuration(variant.config | decoy)), ids)
        difference = (other - expected).abs().max().item()
        assert difference > 1e-2, f"{variant.name} {decoy}: {difference}"


def transformers4(config: dict) -> dict:
    """The configuration as transformers 4 spelt it."""
    old = {k: v for k, v in config.items() if k not in ("dtype", "layer_types", "rope_parameters")}
    old |= {"torch_dtype": config["dtype"], "transformers_version": "4.46.0"}
    if config["model_type"] == "gemma3_text":
        full, sliding = (config["rope_parameters"][f"{kind}_attention"] for kind in ("full", "sliding"))
        old |= {"rope_theta": full["rope_theta"], "rope_local_base_freq": sliding["rope_theta"]}
        if full["rope_type"] != "default":
            old["rope_scaling"] = {k: v for k, v in full.items() if k != "rope_theta"}
        old["layer_types"] = config["layer_types"]
    elif parameters := config.get("rope_parameters"):
        scaling = dict(parameters)
        old["rope_theta"] = scaling.pop("rope_theta")
        kind = scaling.pop("rope_type")
        # `type` is the older of the two names; llama3 came after it.
        key = "rope_type" if kind == "llama3" else "type"
        old["rope_scaling"] = None if kind == "default" else {key: kind} | scaling
    if config["model_type"] in ("llama", "mistral", "smollm3"):
        derived = config["hidden_size"] // config["num_attention_heads"]
        if old.get("head_dim") == derived:
            del old["head_dim"]
    if config["model_type"] == "qwen2":
        # transformers 5 drops the window where it is not used; 4 kept it beside the switch.
        old["sliding_window"] = config["sliding_window"] or 4096
    return old


def hub_names(tensors: dict, config) -> dict:
    names = {k.removeprefix("transformer."): v for k, v in tensors.items()}
    size = config.n_positions
    mask = torch.tril(torch.ones(size, size)).reshape(1, 1, size, size)
    return names | {f"h.{i}.attn.bias": mask.clone() for i in range(config.n_layer)}


def gradients(folder: Path, seed: int) -> dict:
    model = reload(folder, AutoConfig.from_pretrained(folder))
    ids = torch.cat([random_ids(model.config.vocab_size, 12, seed + 10 + i) for i in range(2)])
    labels = ids.clone()
    labels[0, :4] = -100
    labels[1, 7:] = -100
    result = {"ids": ids, "labels": labels}

    loss = model(input_ids=ids, labels=labels).loss
    loss.backward()
    result["base.loss"] = loss.detach().reshape(1)
    result |= {f"base.gradient.{k}": p.grad.clone() for k, p in model.named_parameters()}
    model.zero_grad(set_to_none=True)

    is_gpt2 = model.config.model_type == "gpt2"
    adapted = get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM", r=4, lora_alpha=8, lora_dropout=0.0, fan_in_fan_out=is_gpt2,
        target_modules=["c_attn", "c_fc"] if is_gpt2 else ["q_proj", "v_proj", "down_proj"]))
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in adapted.named_parameters():
        # One target stays as training starts it: B = 0, where only B has a gradient.
        if "lora_A" in name:
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
        if "lora_B" in name and "c_fc" not in name and "down_proj" not in name:
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
    loss = adapted(input_ids=ids, labels=labels).loss
    loss.backward()
    adapted.save_pretrained(folder / "adapter")
    forget_machine(folder / "adapter", folder.name)
    result["adapter.loss"] = loss.detach().reshape(1)
    grads = {k: p.grad for k, p in adapted.named_parameters() if p.grad is not None}
    tensors = get_peft_model_state_dict(adapted, state_dict=grads)
    return result | {f"adapter.gradient.{k}": v.contiguous() for k, v in tensors.items()}


def forget_machine(adapter: Path, base: str):
    """Leaves the two files that matter, with the base's name instead of its path."""
    (adapter / "README.md").unlink(missing_ok=True)
    path = adapter / "adapter_config.json"
    config = json.loads(path.read_text()) | {"base_model_name_or_path": base}
    # PEFT keeps these as sets, whose order changes from run to run.
    for key in ("target_modules", "exclude_modules"):
        if isinstance(config[key], list):
            config[key].sort()
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
