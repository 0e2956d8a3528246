"""Check that PyPI safetensors and transformers read what our writer wrote.

    python Oracles/safetensors_roundtrip.py Tests/LowRankCheckpointsTests/Fixtures

The tests prove that the writer writes exactly `written.safetensors` and `written/`; this script
proves that the files mean what `types.safetensors` and `single/`, made by the other side, mean.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import GPT2LMHeadModel


def same(left, right):
    return left.dtype == right.dtype and left.shape == right.shape and left.equal(right)


def check_file(folder):
    ours, theirs = folder / "written.safetensors", folder / "types.safetensors"
    written, expected = load_file(ours), load_file(theirs)
    assert list(written) == list(expected), "other names, or another order"
    for name, tensor in expected.items():
        left, right = tensor.reshape(-1), written[name].reshape(-1)
        assert same(left.view(torch.uint8), right.view(torch.uint8)), name
        assert (tensor.dtype, tensor.shape) == (written[name].dtype, written[name].shape), name
    with safe_open(ours, "pt") as left, safe_open(theirs, "pt") as right:
        assert left.metadata() == right.metadata(), "other metadata"
    header = int.from_bytes(ours.read_bytes()[:8], "little")
    assert (8 + header) % 64 == 0, "tensors begin at an odd place"
    return len(expected)


def check_folder(folder):
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder / "written", copy, dirs_exist_ok=True)
        shutil.copy(folder / "single" / "config.json", copy)
        model, loading = GPT2LMHeadModel.from_pretrained(copy, output_loading_info=True)
    assert not any(loading.values()), loading
    expected = GPT2LMHeadModel.from_pretrained(folder / "single").state_dict()
    for name, tensor in model.state_dict().items():
        assert same(tensor, expected[name]), name
    return len(expected)


if __name__ == "__main__":
    fixtures = Path(sys.argv[1])
    print(f"safetensors reads our file: {check_file(fixtures)} tensors equal")
    print(f"transformers reads our shards: {check_folder(fixtures)} tensors equal")
