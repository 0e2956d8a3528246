"""Makes Tests/LowRankTorchTests/Fixtures/<version>-<layout>-<content>.pt: files of torch.save, with their tensors.

    python Oracles/torch_fixture.py [--output DIR]

Run it once with each version of torch that is to be covered (1.13.1 and 2.13.0 are committed; 1.13.1 has wheels for Python
3.11). Beside each file stands FILE.json: for each tensor that torch.load returns its type, extents, and bytes row-major and
little-endian, in hexadecimal. With torch 2 there are also files of 2.13's zip layout that other writers could have made, read
by torch itself: with deflated entries, with the extension for large files in every entry, and big-endian.

The legacy layout names storages by their addresses, so a second run writes other bytes with the same tensors.
"""

import argparse
import json
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch

DEFAULT = Path(__file__).resolve().parent.parent / "Tests/LowRankTorchTests/Fixtures"
TYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def tensors():
    """Every type, and every way to lie in a storage."""
    named = OrderedDict()
    for name in TYPES:
        numbers = torch.tensor([0, 1, 2, 3, 5, 7, 100]) - (0 if name in ("uint8", "bool") else 50)
        named[name] = numbers.to(getattr(torch, name))
    base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5) / 7
    named["base"] = base
    named["permuted"] = base.permute(2, 0, 1)
    named["slice"] = base[1:, 1:3, ::2]
    named["row"] = base[1]
    named["half_transposed"] = base[0].half().t()
    named["expanded"] = torch.tensor([1.5, -2.5]).reshape(2, 1).expand(2, 3)
    named["scalar"] = torch.tensor(3.25, dtype=torch.float64)
    named["empty"] = torch.empty(2, 0, 3)
    named["ones_beside_strides"] = torch.as_strided(torch.arange(9.0), (3, 1, 1), (3, 7, 11))
    named["parameter"] = torch.nn.Parameter(torch.linspace(-1, 1, 6).reshape(2, 3))
    named["transposed_parameter"] = torch.nn.Parameter(torch.linspace(0, 1, 6).reshape(2, 3).t())
    named["needs_gradient"] = torch.ones(2, requires_grad=True)
    attributed = torch.tensor([4.0, 5.0])
    attributed.note = "a tensor with an attribute"
    named["attributed"] = attributed
    named["ünïcode.名"] = torch.tensor([7], dtype=torch.int16)
    return named


def state():
    """The state of a module with tied weights, whose dictionary has attributes."""
    module = torch.nn.Sequential(
        OrderedDict(first=torch.nn.Linear(3, 4), norm=torch.nn.BatchNorm1d(4), last=torch.nn.Linear(3, 4)))
    module.last.weight = module.first.weight
    with torch.no_grad():
        for index, parameter in enumerate(module.parameters()):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) / 3 - index)
    return module.state_dict()


def nested():
    """What a training script writes."""
    return {
        "model_state_dict": {"transformer.h.0.attn.c_attn.lora_A": torch.arange(8.0).reshape(2, 4)},
        "epoch": 3, "best": 1.5, "done": False, "seed": 2**70, "note": None, "betas": (0.9, 0.999),
        "sizes": torch.Size([1, 2]), "device": torch.device("cpu"), "type": torch.float16,
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"params": [0, 1]}]},
    }


def described(tensor):
    tensor = tensor.detach()
    flat = tensor.contiguous().reshape(-1)
    if tensor.dtype == torch.bool:
        flat = flat.to(torch.uint8)
    numbers = flat.view(torch.uint8).tolist() if flat.numel() else []
    return dict(type=str(tensor.dtype).split(".")[1], shape=list(tensor.shape), bytes=bytes(numbers).hex())


def write_expected(path, section=None):
    loaded = torch.load(path) if torch.__version__ < "2" else torch.load(path, weights_only=True)
    loaded = loaded[section] if section else loaded
    expected = {name: described(tensor) for name, tensor in loaded.items()}
    path.with_suffix(".json").write_text(
        json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n")


def rewritten(source, target, method=zipfile.ZIP_STORED, large=False, change=lambda name, data: data):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        for entry in old.infolist():
            copy = zipfile.ZipInfo(entry.filename)
            copy.compress_type = method
            with new.open(copy, "w", force_zip64=large) as file:
                file.write(change(entry.filename, old.read(entry)))


def big_endian(content):
    """Turns the bytes of storages around, by the sizes of their elements."""
    sizes = [tensor.element_size() for tensor in content]
    def change(name, data):
        if name.endswith("/byteorder"):
            return b"big"
        if "/data/" not in name:
            return data
        size = sizes[int(name.split("/")[-1])]
        return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))
    return change


def old_big_endian(path):
    """A file of the legacy layout by a big-endian machine, from one of ours: torch itself does not turn such bytes around."""
    tensor = torch.arange(6, dtype=torch.int32).reshape(2, 3) * 1000
    torch.save({"weight": tensor}, path, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    head, count, numbers = data[:-32], data[-32:-24], data[-24:]
    head = head.replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89")
    path.write_bytes(head + count[::-1] + b"".join(numbers[i:i + 4][::-1] for i in range(0, 24, 4)))
    path.with_suffix(".json").write_text(json.dumps({"weight": described(tensor)}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DEFAULT)
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    version = ".".join(torch.__version__.split("+")[0].split(".")[:2])
    for layout, is_zip in [("zip", True), ("legacy", False)]:
        for name, content in [("tensors", tensors), ("state", state), ("nested", nested)]:
            path = folder / f"{version}-{layout}-{name}.pt"
            torch.save(content(), path, _use_new_zipfile_serialization=is_zip)
            write_expected(path, "model_state_dict" if name == "nested" else None)
    if version.startswith("1"):
        return
    source = folder / f"{version}-zip-tensors.pt"
    deflated, large, big = (folder / f"other-{name}.pt" for name in ["deflated", "zip64", "bigendian"])
    rewritten(source, deflated, zipfile.ZIP_DEFLATED)
    rewritten(source, large, large=True)
    # One storage for each type, in the order of the dictionary.
    typed = OrderedDict((name, tensors()[name]) for name in TYPES)
    torch.save(typed, big)
    little = folder / "little.tmp"
    big.rename(little)
    rewritten(little, big, change=big_endian(list(typed.values())))
    little.unlink()
    for path in [deflated, large, big]:
        write_expected(path)
    old_big_endian(folder / "other-legacy-bigendian.pt")


if __name__ == "__main__":
    main()
