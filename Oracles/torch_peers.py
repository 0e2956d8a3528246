"""Makes Tests/LowRankAdaptersTests/Fixtures/torch.files/: adapters and models that are only there as files of torch.

    python Oracles/torch_peers.py [--output DIR]

Run Oracles/models_fixture.py and Oracles/adapters_fixture.py first. The folder holds

    adapter-<version>-<layout>.bin   the tensors of the adapter llama2-default, as PEFT saved them before safetensors
    model-<layout>.bin               the tiny gpt2, as transformers saved it: with the tied head a second time
    loralib-<name>.pt                what loralib (microsoft/LoRA) saves of layers of its own
    loralib-<name>.safetensors       the updates that loralib itself merges into those layers, by path, [outputs, inputs]

The adapter is also written where torch is 1.13, with that version's name; the rest needs loralib and torch 2.
"""

import argparse
import json
import struct
from pathlib import Path

import torch

TESTS = Path(__file__).resolve().parent.parent / "Tests"
DEFAULT = TESTS / "LowRankAdaptersTests/Fixtures/torch.files"
LAYOUTS = [("zip", True), ("legacy", False)]


def read_safetensors(path):
    """The tensors of a file of F32 numbers, without the library, which old versions of torch have not."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        numbers = struct.unpack(f"<{(end - start) // 4}f", data[8 + length + start:8 + length + end])
        tensors[name] = torch.tensor(numbers, dtype=torch.float32).reshape(entry["shape"])
    return tensors


def write_adapters(folder, version):
    tensors = read_safetensors(TESTS / "LowRankAdaptersTests/Fixtures/llama2-default/adapter_model.safetensors")
    for layout, is_zip in LAYOUTS:
        torch.save(tensors, folder / f"adapter-{version}-{layout}.bin", _use_new_zipfile_serialization=is_zip)


def write_models(folder):
    tensors = read_safetensors(TESTS / "LowRankTransformersTests/Fixtures/gpt2/model.safetensors")
    tensors["lm_head.weight"] = tensors["transformer.wte.weight"]
    for layout, is_zip in LAYOUTS:
        torch.save(tensors, folder / f"model-{layout}.bin", _use_new_zipfile_serialization=is_zip)


def write_loralib(folder):
    import loralib
    from safetensors.torch import save_file
    from torch import nn

    def random(module, seed):
        """Factors that do something, and a weight of zeros, so that what is merged into it is the update."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                if "lora_" in name or name.endswith("bias"):
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) / 3)
                else:
                    parameter.zero_()
        return module

    def nested(modules):
        """Modules by path, as a model has them."""
        root = nn.Module()
        for path, module in modules.items():
            place = root
            *parents, last = path.split(".")
            for parent in parents:
                if not hasattr(place, parent):
                    place.add_module(parent, nn.Module())
                place = getattr(place, parent)
            place.add_module(last, module)
        return root

    def updates(modules):
        """What eval() merges into weights of zeros, as [outputs, inputs]; of a table of embeddings [width, tokens]."""
        root = nested(modules).eval()
        result = {}
        for path, module in modules.items():
            weight = root.get_submodule(path).weight.detach()
            # GPT-2's maps hold weights with inputs first, and so does a table of embeddings by tokens.
            turned = getattr(module, "fan_in_fan_out", False) or isinstance(module, nn.Embedding)
            result[path] = (weight.t() if turned else weight).contiguous().clone()
        return result

    def write(name, modules, bias="none", wrap=lambda state: state, is_zip=True):
        for seed, module in enumerate(modules.values()):
            random(module, seed)
        state = loralib.lora_state_dict(nested(modules), bias)
        torch.save(wrap({key: value.clone() for key, value in state.items()}), folder / f"loralib-{name}.pt",
                   _use_new_zipfile_serialization=is_zip)
        save_file(updates(modules), folder / f"loralib-{name}.safetensors")

    def fused(enabled, alpha=32, **more):
        return loralib.MergedLinear(16, 48, r=4, lora_alpha=alpha, enable_lora=enabled, fan_in_fan_out=True, **more)

    layers = [f"transformer.h.{layer}.attn.c_attn" for layer in range(2)]
    # The example of GPT-2 in microsoft/LoRA: queries and values of c_attn, in a dictionary of the training script.
    write("gpt2", {path: fused([True, False, True]) for path in layers}, wrap=lambda state: {"model_state_dict": state})
    write("gpt2-keys", {path: fused([False, True, False]) for path in layers}, is_zip=False)
    write("gpt2-all-parts", {path: fused([True, True, True]) for path in layers})
    write("gpt2-mixed", {
        layers[0]: fused([True, False, True], alpha=8),
        "transformer.h.1.mlp.c_fc": loralib.Linear(16, 64, r=2, lora_alpha=8, fan_in_fan_out=True),
        "transformer.wte": loralib.Embedding(48, 16, r=4, lora_alpha=8),
    }, bias="lora_only")
    names = [f"model.layers.{layer}.self_attn.{name}_proj" for layer in range(2) for name in "qv"]
    write("llama2", {path: loralib.Linear(16, 16, r=4, lora_alpha=16, bias=False) for path in names},
          wrap=lambda state: {f"module.{key}": value for key, value in state.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DEFAULT)
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    version = ".".join(torch.__version__.split("+")[0].split(".")[:2])
    write_adapters(folder, version)
    if not version.startswith("1"):
        write_models(folder)
        write_loralib(folder)


if __name__ == "__main__":
    main()
