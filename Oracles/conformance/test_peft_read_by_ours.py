"""Adapters that PEFT makes score the same in ours, within 1e-4."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from adapters_fixture import ADAPTERS, load
from harness import close, peft_adapter, peft_logits, score
from tiny_models import logits, random_ids

TOLERANCE = 1e-4


@pytest.mark.parametrize("name", ADAPTERS)
def test_configuration(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_adapter(base, fields, tmp_path / "adapter", seed=len(name))
    ids = random_ids(48, 20, seed=len(name))
    expected = peft_logits(base, adapter, ids)
    assert (expected - logits(load(base), ids)).abs().max() > 0.1, "the adapter has no effect"
    close(score(base, ids, tmp_path, adapter), expected, TOLERANCE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_stored_type(dtype, fixture_models, tmp_path):
    base = fixture_models / "llama2"
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=7)
    path = adapter / "adapter_model.safetensors"
    save_file({k: v.to(dtype) for k, v in load_file(path).items()}, path, {"format": "pt"})
    ids = random_ids(48, 20, seed=7)
    close(score(base, ids, tmp_path, adapter), peft_logits(base, adapter, ids), TOLERANCE)
