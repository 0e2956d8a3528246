"""Files that ours writes are read by PyPI's safetensors, exactly and to the last byte."""

import json
import struct

import torch
from safetensors import safe_open

from adapters_fixture import load
from harness import lowrank, peft_adapter, score
from tiny_models import random_ids


def read(path):
    """All tensors, by a strict reader; and the rules of the format that it does not insist on."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(v, str) for v in metadata.values())
    assert (8 + length) % 8 == 0, "the data is not aligned"
    assert max(v["data_offsets"][1] for v in header.values()) == len(data) - 8 - length
    with safe_open(path, "pt") as file:
        tensors = {k: file.get_tensor(k) for k in file.keys()}
    assert tensors.keys() == header.keys()
    return tensors


def test_logits(fixture_models, tmp_path):
    score(fixture_models / "gpt2", random_ids(48, 3, 1), tmp_path)
    assert list(read(tmp_path / "logits.safetensors")) == ["logits"]


def test_untouched_weights_survive_a_merge(fixture_models, tmp_path):
    """What the adapter does not touch is copied bit for bit."""
    base = fixture_models / "llama2"
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=1)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    merged = read(tmp_path / "merged/model.safetensors")
    before = load(base).state_dict()
    assert merged.keys() == before.keys()
    changed = {k for k in before if not torch.equal(merged[k], before[k])}
    assert changed == {k for k in before if "q_proj" in k or "v_proj" in k}


def test_merge_in_another_type(fixture_models, tmp_path):
    base = fixture_models / "llama2"
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=1)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged",
            "--dtype", "bf16")
    merged = read(tmp_path / "merged/model.safetensors")
    assert {v.dtype for v in merged.values()} == {torch.bfloat16}
    # The fixtures' weights are exact in bf16, so untouched ones are equal.
    before = load(base).state_dict()
    assert torch.equal(merged["model.norm.weight"].float(), before["model.norm.weight"])
    config = json.loads((tmp_path / "merged/config.json").read_text())
    assert config.get("dtype", config.get("torch_dtype")) == "bfloat16"
