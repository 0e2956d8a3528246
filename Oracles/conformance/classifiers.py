"""What the live checks of encoders and classifiers share: bases, rows, and PEFT's side."""

import contextlib
import json
import logging
import warnings
from dataclasses import replace
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, processors
from transformers import (AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM,
                          AutoModelForSequenceClassification)
from transformers.utils import logging as transformers_logging

from adapters_fixture import move
from harness import close, lowrank, write_rows
from tiny_encoders import BY_NAME, MULTI, REGRESSION, SINGLE, Encoder, padded
from tiny_models import configuration, random_model

TASKS = {"classification": SINGLE, "regression": REGRESSION, "multilabel": MULTI}
# The modules of a head, of which a base may have some, all or none.
HEAD = {"classifier", "pre_classifier", "pooler", "head", "score"}
TEXTS = ["the small cat sat on a mat.", "dogs run.", "it rains: stay in, read a book.",
         "a bird sings", "we saw ten ships, far out at sea.", "no.", "cold wind, warm fire.",
         "she wrote it all down."]


def is_language_model(encoder: Encoder) -> bool:
    return encoder.name.endswith("-classifier")


def task_of(encoder: Encoder) -> str:
    return next(name for name, task in TASKS.items() if task == encoder.task)


def with_task(name: str, task: str) -> Encoder:
    return replace(BY_NAME[name], task=TASKS[task])


# Bases -------------------------------------------------------------------------------------------

# As a classifier, as its encoder alone, and as pre-training leaves it.
KINDS = ("classifier", "encoder", "pretrained")


def save_base(encoder: Encoder, kind: str, folder: Path, seed: int) -> Path:
    """A random model and its tokenizer as a folder; only a classifier's knows of the labels."""
    pretraining = AutoModelForCausalLM if is_language_model(encoder) else AutoModelForMaskedLM
    auto = dict(classifier=AutoModelForSequenceClassification, encoder=AutoModel,
                pretrained=pretraining)[kind]
    task = encoder.task if kind == "classifier" else {}
    random_model(configuration(encoder.config | task), seed, auto).save_pretrained(folder)
    save_tokenizer(folder, encoder.config["pad_token_id"])
    return folder


def save_tokenizer(folder: Path, padding: int):
    """A character tokenizer that adds [CLS] and [SEP], and tells the texts of a pair apart."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    if padding == 1:
        special[:2] = reversed(special[:2])
    tokens = special + list("abcdefghijklmnopqrstuvwxyz .,:")
    tokenizer = Tokenizer(models.BPE(
        vocab={t: i for i, t in enumerate(tokens)}, merges=[], unk_token="[UNK]"))
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, tokens.index(t)) for t in ("[CLS]", "[SEP]")])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(
        cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]",
        tokenizer_class="PreTrainedTokenizerFast")) + "\n")


def load(base: Path, labels: int):
    """transformers' classifier on a base, and the parameters that the base does not have."""
    torch.manual_seed(0)
    model, report = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=labels, dtype=torch.float32, attn_implementation="eager",
        output_loading_info=True)
    missing = report["missing_keys"]
    strangers = [k for k in missing if HEAD.isdisjoint(k.split("."))]
    assert not strangers and not report["mismatched_keys"], (strangers, report)
    return model.eval(), sorted(missing)


# Rows --------------------------------------------------------------------------------------------

def labels(task: str, count: int, names=(0, 1, 2)) -> list:
    """A label for each of some rows; every label occurs among the first four."""
    if task == "regression":
        return [round(0.7 * (i % 5) - 1.1, 2) for i in range(count)]
    if task == "multilabel":
        return [[n for n in range(4) if (i * 5 + 3) >> n & 1] for i in range(count)]
    return [names[(i + i // len(names)) % len(names)] for i in range(count)]


def target(task: str, rows: list, names=(0, 1, 2)) -> torch.Tensor:
    """The labels of rows as transformers takes them."""
    if task == "regression":
        return torch.tensor(rows)
    if task == "multilabel":
        return torch.tensor([[float(n in row) for n in range(4)] for row in rows])
    return torch.tensor([sorted(names).index(name) for name in rows])


def encode(model: Path, config, texts: list) -> list:
    """Rows of ids and types, as tiny_encoders has them, of texts or pairs of texts."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    encodings = [tokenizer.encode(*t) if isinstance(t, tuple) else tokenizer.encode(t)
                 for t in texts]
    has_types = getattr(config, "type_vocab_size", 0) > 1
    return [(torch.tensor([e.ids]), torch.tensor([e.type_ids]) if has_types else None)
            for e in encodings]


def batch_logits(model, rows) -> torch.Tensor:
    with torch.no_grad():
        return model(**padded(model.config, rows)).logits


# Ours --------------------------------------------------------------------------------------------

def score(model: Path, ids: torch.Tensor, scratch: Path, adapter: Path | None = None) -> dict:
    """Our `hidden` [tokens, width] of ids [1, tokens]; of a classifier `logits` [1, labels] too."""
    output = scratch / "outputs.safetensors"
    output.unlink(missing_ok=True)
    extra = ["--adapter", adapter] if adapter else []
    answer = lowrank("score", "--model", model, *extra, "--ids",
                     ",".join(map(str, ids[0].tolist())), "--logits", output,
                     "--precision", "f32")
    values = load_file(output)
    assert answer["ids"] == ids[0].tolist()
    assert all(v.dtype == torch.float32 for v in values.values())
    if "logits" in values:
        assert set(values) == {"hidden", "logits"}
        close(torch.tensor(answer["logits"]).flatten(), values["logits"].flatten(), 1e-6)
    else:
        assert set(values) == {"hidden"} and answer["logits"] is None
    return values


def train(model: Path, task: str, rows: list[dict], scratch: Path, *flags) -> Path:
    """An adapter that a few steps of ours make."""
    write_rows(scratch / "data/train.jsonl", rows)
    adapter = scratch / "adapter"
    lowrank("train", "--task", task, "--model", model, "--data", scratch / "data",
            "--adapter-path", adapter, "--text-column", "text", "--label-column", "label",
            "--rank", 4, "--iters", 4, "--batch-size", 3, "--learning-rate", 0.02,
            "--lr-schedule", "constant", "--base-dropout", 0, "--precision", "f32", "--seed", 1,
            *flags)
    return adapter


# PEFT's ------------------------------------------------------------------------------------------

def lora_config(encoder: Encoder, missing: list[str]) -> LoraConfig:
    """PEFT's configuration, which saves all of the head that the base does not have."""
    parts = {p for key in missing for p in key.split(".") if p in HEAD}
    is_gpt2 = encoder.config["model_type"] == "gpt2"
    return LoraConfig(
        task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=encoder.targets,
        modules_to_save=sorted(parts) or None, fan_in_fan_out=is_gpt2)


def peft_adapter(encoder: Encoder, base: Path, folder: Path, seed: int) -> PeftModel:
    """An adapter with a head that PEFT makes and saves, every trainable tensor moved at random."""
    model, missing = load(base, encoder.task["num_labels"])
    model = get_peft_model(model, lora_config(encoder, missing)).eval()
    move(model, seed)
    model.save_pretrained(folder)
    return model


def load_strictly(base: Path, adapter: Path, labels: int) -> PeftModel:
    """PEFT's model of an adapter that says nothing, misses nothing, and makes nothing anew."""
    model, missing = load(base, labels)
    with silence():
        model = PeftModel.from_pretrained(model, adapter)
        result = model.load_adapter(adapter, "default")  # only for its report
    assert not result.missing_keys and not result.unexpected_keys, result
    saved = load_file(adapter / "adapter_model.safetensors")
    placed = get_peft_model_state_dict(model)
    assert placed.keys() == saved.keys()
    for name, tensor in saved.items():
        assert torch.equal(placed[name], tensor), name
    fresh = [k for k in missing if f"base_model.model.{k}" not in saved]
    assert not fresh, f"neither base nor adapter has {fresh}"
    return model.eval()


@contextlib.contextmanager
def silence():
    """Fails where transformers or PEFT warn, as Python warnings or in their logs."""
    said = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    loggers = [logging.getLogger(name) for name in ("transformers", "peft")]
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_warning()
    for logger in loggers:
        logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # transformers' own, raised by its current release on any model
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
            yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        transformers_logging.set_verbosity(before)
    assert not said, said
