"""Writes Tests/LowRankTrainingTests/Fixtures/decay.json: the parameters that transformers' Trainer lets
decay, for one small model of every architecture. Run from the package's root."""

import json
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, Trainer

import tiny_encoders
import tiny_models

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/decay.json")
CAUSAL = {name: getattr(tiny_models, name) for name in ["GPT2", "LLAMA", "MISTRAL", "QWEN2", "QWEN3"]}
ENCODERS = ["bert", "roberta", "distilbert", "deberta", "deberta-v2-xlarge", "modernbert"]


def entry(model):
    decaying = set(Trainer.get_decay_parameter_names(None, model))
    # Shared values have one name.
    names = [name for name, _ in model.named_parameters()]
    config = model.config.to_dict() | dict(architectures=[type(model).__name__])
    return dict(
        config={key: value for key, value in config.items() if value is not None},
        decaying=[n for n in names if n in decaying],
        spared=[n for n in names if n not in decaying])


def models():
    for values in CAUSAL.values():
        yield AutoModelForCausalLM.from_config(tiny_models.configuration(values))
    for name in ENCODERS:
        encoder = tiny_encoders.BY_NAME[name]
        config = tiny_models.configuration(encoder.config | encoder.task)
        yield AutoModelForSequenceClassification.from_config(config)


with torch.device("meta"):
    entries = [entry(model) for model in models()]
made = {
    "made by": f"Oracles/decay_fixture.py, transformers {transformers.__version__}",
    "models": entries,
}
OUTPUT.write_text(json.dumps(made, default=str) + "\n")
