"""`lowrank merge --gguf` gives a file that gguf of PyPI reads, with PEFT's update in the numbers of the base."""

import json
import shutil

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Type
from gguf import GGUFReader
from gguf.quants import dequantize, quantize
from peft import LoraConfig, get_peft_model
from safetensors.numpy import load_file
from transformers import AutoConfig, AutoModelForCausalLM

from adapters_fixture import move
from gguf_fixture import OUTPUT, VARIANTS, heads, interleaved, stored_name
from harness import lowrank
from tiny_models import logits

VARIANT = {variant.name: variant for variant in VARIANTS}
FILE_TYPES = dict(F16=1, BF16=32, Q8_0=7)
# What the result says of itself.
OWN = {"general.file_type", "general.quantization_version", "lowrank.merge"}
# The tiny models have random weights, which feel the rounding of a type more than trained ones.
WIDE = ["--max-kl", 1, "--max-logit-difference", 100]


def peft_adapter(variant, folder, **fields):
    """An adapter of PEFT; its base is random, since only shapes matter."""
    torch.manual_seed(3)
    config = AutoConfig.for_model(**variant.config)
    base = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **fields))
    move(model, 3)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data *= 0.3
    model.save_pretrained(folder)
    return folder


def updates(variant, adapter) -> dict[str, np.ndarray]:
    """`s·BA` of each module in llama.cpp's order, by the name of its weight there, in double precision."""
    config = json.loads((adapter / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    tensors = load_file(adapter / "adapter_model.safetensors")
    result = {}
    for name, down in tensors.items():
        if not name.endswith(".lora_A.weight"):
            continue
        up = tensors[name.replace("lora_A", "lora_B")]
        weight = name.removeprefix("base_model.model.").replace(".lora_A.weight", ".weight")
        update = scale * up.astype(np.float64) @ down.astype(np.float64)
        count = heads(variant, weight)
        result[stored_name(variant, weight)] = interleaved(update, count) if count else update
    return result


def numbers(tensor) -> np.ndarray:
    return dequantize(tensor.data, tensor.tensor_type).reshape(tensor.shape.tolist()[::-1])


def fields(reader) -> dict:
    """The metadata: types and bytes of each value."""
    return {key: (list(field.types), [field.parts[part].tobytes() for part in field.data])
            for key, field in reader.fields.items() if not key.startswith("GGUF.")}


def slack(kind: Type, expected: np.ndarray) -> np.ndarray:
    """What rounding to a type may change: half a step, and of Q8_0 the rounding of the scale too; f32 sums are included."""
    size = np.abs(expected)
    if kind == Type.Q8_0:
        size = size.reshape(-1, 32).max(axis=1, keepdims=True).repeat(32, 1).reshape(expected.shape)
        return size * (1 / 254 + 2.0 ** -11 + 1e-5)
    return size * {Type.F32: 1e-6, Type.F16: 2.0 ** -11 + 1e-5, Type.BF16: 2.0 ** -8 + 1e-5}[kind] + 1e-7


def merge(model, adapter, output, kind, *more):
    return lowrank("merge", "--model", model, "--adapter", adapter, "--output", output, "--gguf", kind, *WIDE, *more)


@pytest.mark.parametrize("kind", FILE_TYPES)
@pytest.mark.parametrize("name", VARIANT)
def test_numbers_and_metadata(name, kind, tmp_path):
    variant, base = VARIANT[name], OUTPUT / f"{name}.gguf"
    adapter = peft_adapter(variant, tmp_path / "adapter", target_modules="all-linear")
    output = tmp_path / "merged.gguf"
    answer = merge(base, adapter, output, kind)
    assert answer["format"] == "gguf" and answer["bytes"] == output.stat().st_size
    before, after = GGUFReader(base), GGUFReader(output)
    old, new = fields(before), fields(after)
    assert {k: v for k, v in new.items() if k not in OWN} == {k: v for k, v in old.items() if k not in OWN}
    assert after.fields["general.file_type"].contents() == FILE_TYPES[kind]
    assert after.fields["general.quantization_version"].contents() == gguf.GGML_QUANT_VERSION
    changes = updates(variant, adapter)
    assert [t.name for t in after.tensors] == [t.name for t in before.tensors]
    for one, two in zip(before.tensors, after.tensors):
        matrix = len(one.shape) == 2
        assert two.tensor_type == (Type[kind] if matrix else Type.F32), two.name
        assert two.shape.tolist() == one.shape.tolist()
        if one.name not in changes:
            expected = numbers(one)
            if one.tensor_type == two.tensor_type:
                assert np.array_equal(one.data, two.data), two.name
            else:
                # Rounding is gguf's own, bit for bit.
                assert np.array_equal(two.data, quantize(expected, Type[kind])), two.name
            continue
        expected = numbers(one).astype(np.float64) + changes.pop(one.name)
        assert np.abs(expected - numbers(one)).max() > 1e-3
        assert (np.abs(numbers(two) - expected) <= slack(two.tensor_type, expected)).all(), two.name
    assert not changes


def test_rows_that_fill_no_blocks_are_f16(tmp_path):
    # All variants have whole blocks. A model of another width is written by gguf itself.
    source = OUTPUT / "qwen2.gguf"
    reader = GGUFReader(source)
    path = tmp_path / "odd.gguf"
    writer = gguf.GGUFWriter(path, "qwen2")
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        value, kind = field.contents(), field.types[0]
        if key == "qwen2.feed_forward_length":
            value = 80
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, value, kind, inner)
    for tensor in reader.tensors:
        data = numbers(tensor)
        if "ffn_down" in tensor.name:
            data = data[:, :80]
        elif "ffn_" in tensor.name and "norm" not in tensor.name:
            data = data[:80]
        writer.add_tensor(tensor.name, np.ascontiguousarray(data))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    odd = VARIANT["qwen2"]
    odd = type(odd)(odd.name, odd.arch, odd.config | dict(intermediate_size=80))
    adapter = peft_adapter(odd, tmp_path / "adapter", target_modules="all-linear")
    answer = merge(path, adapter, tmp_path / "merged.gguf", "Q8_0")
    assert answer["types"] == ["F16", "F32", "Q8_0"]
    kinds = {t.name: t.tensor_type for t in GGUFReader(tmp_path / "merged.gguf").tensors if len(t.shape) == 2}
    assert {name for name, kind in kinds.items() if kind == Type.F16} == {f"blk.{i}.ffn_down.weight" for i in range(2)}
    assert set(kinds.values()) == {Type.F16, Type.Q8_0}


# transformers reads these tiny files as they are meant. Of the others it leaves out the kind of rotary positions, the
# size of heads, the biases or the family.
READ = ["mistral", "qwen2"]


@pytest.mark.parametrize("kind, tolerance", [("F16", 0.02), ("BF16", 0.15), ("Q8_0", 0.4)])
@pytest.mark.parametrize("name", READ)
def test_transformers_reads_the_merged_model(name, kind, tolerance, tmp_path):
    variant, base = VARIANT[name], OUTPUT / f"{name}.gguf"
    adapter = peft_adapter(variant, tmp_path / "adapter", target_modules="all-linear")
    merge(base, adapter, tmp_path / "merged.gguf", kind)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "folder", "--dtype", "f32")
    ids = torch.tensor([json.loads((OUTPUT / f"{name}.json").read_text())["ids"]])
    found, expected, own = (
        logits(AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", **more).eval(), ids)
        for folder, more in ((tmp_path, dict(gguf_file="merged.gguf")), (tmp_path / "folder", {}),
                             (OUTPUT, dict(gguf_file=base.name))))
    assert (expected - own).abs().max() > 2 * tolerance
    assert (found - expected).abs().max() <= tolerance, (found - expected).abs().max()


def test_split_base_becomes_one_file(tmp_path):
    variant = VARIANT["llama"]
    adapter = peft_adapter(variant, tmp_path / "adapter", target_modules="all-linear")
    for part in range(3):
        shutil.copy(OUTPUT / f"llama-0000{part + 1}-of-00003.gguf", tmp_path)
    merge(tmp_path / "llama-00002-of-00003.gguf", adapter, tmp_path / "split.gguf", "Q8_0")
    merge(OUTPUT / "llama.gguf", adapter, tmp_path / "whole.gguf", "Q8_0")
    one, two = GGUFReader(tmp_path / "split.gguf"), GGUFReader(tmp_path / "whole.gguf")
    assert not any(key.startswith("split.") for key in one.fields)
    mine, others = ({t.name: t for t in reader.tensors} for reader in (one, two))
    assert mine.keys() == others.keys()
    for name, tensor in mine.items():
        assert np.array_equal(tensor.data, others[name].data), name


@pytest.mark.parametrize("name", ["llama", "gemma3"])
def test_folder_with_the_metadata_of_a_file(name, tmp_path):
    """The weights are the folder's own, not those that the file rounds."""
    variant = VARIANT[name]
    adapter = peft_adapter(variant, tmp_path / "adapter", target_modules="all-linear")
    output = tmp_path / "merged.gguf"
    merge(OUTPUT / name, adapter, output, "BF16", "--metadata", OUTPUT / f"{name}.gguf")
    weights = AutoModelForCausalLM.from_pretrained(OUTPUT / name, dtype=torch.float32).state_dict()
    changes = updates(variant, adapter)
    found = {t.name: t for t in GGUFReader(output).tensors}
    for key, weight in weights.items():
        if key == "lm_head.weight" and variant.config.get("tie_word_embeddings"):
            continue
        expected = weight.double().numpy()
        count = heads(variant, key)
        expected = interleaved(expected, count) if count else expected
        if variant.arch == "gemma3" and key.endswith("norm.weight"):
            expected = expected + 1
        tensor = found[stored_name(variant, key)]
        expected = expected + changes.get(tensor.name, 0)
        assert (np.abs(numbers(tensor) - expected) <= slack(tensor.tensor_type, expected)).all(), key
