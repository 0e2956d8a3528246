"""Adapters that PEFT makes score the same in ours, within 1e-4."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from adapters_fixture import ADAPTERS, load
from harness import (close, lowrank, peft_adapter, peft_fixture, peft_logits, score,
                     transformers_logits)
from tiny_models import logits, random_ids

TOLERANCE = 1e-4


@pytest.mark.parametrize("name", ADAPTERS)
def test_configuration(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=len(name))
    ids = random_ids(48, 20, seed=len(name))
    expected = peft_logits(base, adapter, ids, fields)
    if fields.get("task_type") == "SEQ_CLS":
        output = tmp_path / "logits.safetensors"
        lowrank("score", "--model", base, "--adapter", adapter, "--ids",
                ",".join(map(str, ids[0].tolist())), "--logits", output, "--precision", "f32")
        close(load_file(output)["logits"], expected, TOLERANCE)
        return
    assert (expected - logits(load(base), ids)).abs().max() > 0.1, "the adapter has no effect"
    close(score(base, ids, tmp_path, adapter), expected, TOLERANCE)


TOKENS = [n for n, (_, fields) in ADAPTERS.items() if fields.get("trainable_token_indices")]


@pytest.mark.parametrize("name", TOKENS + ["llama2-other-embeddings", "smollm-tied-whole"])
def test_merged(name, fixture_models, tmp_path):
    """Rows of tokens, and tables that were replaced, are in the merged model."""
    base = fixture_models / ADAPTERS[name][0]
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=31)
    ids = random_ids(48, 20, seed=3)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    close(transformers_logits(tmp_path / "merged", ids), peft_logits(base, adapter, ids), TOLERANCE)


def test_embeddings_of_more_tokens(fixture_models, tmp_path):
    """PEFT saves embeddings whole after tokens were added: on the resized base they are placed."""
    resized = load(fixture_models / "llama2")
    resized.resize_token_embeddings(52)
    base = tmp_path / "base"
    resized.save_pretrained(base)
    adapter = peft_fixture("llama2-other-embeddings", base, tmp_path / "adapter", seed=37)
    ids = torch.tensor([[1, 50, 3, 51, 48, 7]])
    close(score(base, ids, tmp_path, adapter), peft_logits(base, adapter, ids), TOLERANCE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_stored_type(dtype, fixture_models, tmp_path):
    base = fixture_models / "llama2"
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=7)
    path = adapter / "adapter_model.safetensors"
    save_file({k: v.to(dtype) for k, v in load_file(path).items()}, path, {"format": "pt"})
    ids = random_ids(48, 20, seed=7)
    close(score(base, ids, tmp_path, adapter), peft_logits(base, adapter, ids), TOLERANCE)
