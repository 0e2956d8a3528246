"""Make the files of Tests/LowRankCheckpointsTests/Fixtures with PyPI safetensors and transformers.

    python Oracles/safetensors_fixtures.py Tests/LowRankCheckpointsTests/Fixtures
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, set_seed

SCRIPT = "Oracles/safetensors_fixtures.py"


def types(folder):
    """One tensor of each type that is read, and two of types that are not."""
    numbers = [-2.5, 0.0, 1e-3, 0.3333333333333333, 6e-8, 1024.5]
    tensors = {
        "f64": torch.tensor(numbers, dtype=torch.float64),
        "f32": torch.tensor(numbers, dtype=torch.float32).reshape(2, 3),
        "f16": torch.tensor(numbers, dtype=torch.float16),
        "bf16": torch.tensor(numbers, dtype=torch.bfloat16),
        "i64": torch.tensor([-(2**62), 7, 2**31]),
        "i32": torch.tensor([-(2**31), 7], dtype=torch.int32),
        "i16": torch.tensor([-(2**15), 7], dtype=torch.int16),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 3),
        "f8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
        "u16": torch.tensor([1, 2], dtype=torch.uint16),
    }
    save_file(tensors, folder / "types.safetensors", metadata={"made by": SCRIPT})
    readable = {name: t for name, t in tensors.items() if name not in ("f8", "u16")}
    expected = {
        "script": SCRIPT,
        "floats": {name: t.float().flatten().tolist() for name, t in readable.items()},
        "shapes": {name: list(t.shape) for name, t in tensors.items()},
    }
    (folder / "types.json").write_text(json.dumps(expected, indent=1) + "\n")


def folders(folder):
    """A tiny GPT-2 as transformers saves it: in one file, and in shards with an index."""
    set_seed(0)
    sizes = dict(n_embd=4, n_layer=2, n_head=2, n_positions=8, vocab_size=11)
    config = GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(config)
    model.save_pretrained(folder / "single")
    model.save_pretrained(folder / "sharded", max_shard_size="1KB")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    types(target)
    folders(target)
