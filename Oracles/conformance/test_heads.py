"""Checkpoints whose configuration ties a head that they hold otherwise are what transformers makes of them."""

import json

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from adapters_fixture import load
from harness import close, lowrank, peft_adapter, save_random, score, transformers_logits
from models_fixture import change_head
from tiny_models import GPT2, LLAMA, QWEN2, configuration, logits, random_ids

BASES = {"llama": LLAMA, "gpt2": GPT2, "qwen2": QWEN2}


def checkpoint(name, head, folder, dtype=torch.float32):
    config = configuration(BASES[name] | dict(tie_word_embeddings=True))
    save_random(config, folder, seed=21, dtype=dtype)
    change_head(folder / "model.safetensors", head)
    return folder


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("head", ["other", "alone"])
@pytest.mark.parametrize("name", BASES)
def test_logits(name, head, dtype, tmp_path):
    model = checkpoint(name, head, tmp_path / "model", dtype)
    ids = random_ids(48, 16, seed=3)
    close(score(model, ids, tmp_path), transformers_logits(model, ids), 2e-4)


@pytest.mark.parametrize("head", ["other", "alone"])
@pytest.mark.parametrize("name", BASES)
def test_merged(name, head, tmp_path):
    model = checkpoint(name, head, tmp_path / "model")
    fields = dict(target_modules=["c_attn"] if name == "gpt2" else ["q_proj", "down_proj"])
    adapter = peft_adapter(model, fields, tmp_path / "adapter", seed=4)
    merged = tmp_path / "merged"
    lowrank("merge", "--model", model, "--adapter", adapter, "--output", merged,
            "--precision", "f32")
    ids = random_ids(48, 16, seed=5)
    expected = logits(PeftModel.from_pretrained(load(model), adapter).eval(), ids)
    close(transformers_logits(merged, ids), expected, 2e-4)
    config = json.loads((merged / "config.json").read_text())
    assert config["tie_word_embeddings"] == (head == "alone")
    assert ("lm_head.weight" in load_file(merged / "model.safetensors")) == (head == "other")
