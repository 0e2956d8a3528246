"""Adapters of `lowrank convert` are read right by mlx-lm and by llama.cpp's library for GGUF, and theirs by us."""

import json
import shutil
import subprocess

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from adapters_fixture import ADAPTERS
from harness import BINARY, close, lowrank, peft_adapter, peft_logits, score
from test_compress import updates
from tiny_models import random_ids

MLX = ["llama2-default", "llama2-head", "qwen2-all-linear", "qwen2-dora",
       "qwen3-patterns", "qwen3-patterns-rslora", "smollm-layers", "gpt2-default",
       "gpt2-all-linear"]
GGUF = ["llama2-default", "llama2-head", "llama3-rslora", "qwen2-all-linear", "qwen3-patterns",
        "qwen3-patterns-rslora", "smollm-layers", "gpt2-default", "gpt2-all-linear"]
NAMES = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
         "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
         "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
         "mlp.c_proj": "ffn_down"}


@pytest.fixture
def adapter(request, fixture_models, tmp_path):
    base, fields = ADAPTERS[request.param]
    base = fixture_models / base
    return base, peft_adapter(base, fields, tmp_path / "adapter", seed=60)


def mlx_logits(base, adapter, ids):
    import mlx.core as mx
    from mlx_lm.utils import load_adapters, load_model

    mx.set_default_device(mx.cpu)
    own = json.loads((base / "config.json").read_text())
    if own["model_type"] == "gpt2":  # mlx-lm knows the names of the original checkpoint alone
        base, hub = adapter.parent / "hub", base / "hub.safetensors"
        base.mkdir(exist_ok=True)
        shutil.copy(hub, base / "model.safetensors")
        (base / "config.json").write_text(json.dumps(own | dict(n_ctx=own["n_positions"])))
    model, _ = load_model(base)
    model = load_adapters(model, str(adapter))
    return torch.tensor(model(mx.array(ids.tolist())).astype(mx.float32).tolist())[0]


def agree(ours, theirs, tolerance):
    assert ours.keys() == theirs.keys()
    for path, update in ours.items():
        assert (update - theirs[path]).norm() <= tolerance * theirs[path].norm(), path


@pytest.mark.parametrize("adapter", MLX, indirect=True)
def test_to_mlx_and_back(adapter, tmp_path):
    base, original = adapter
    report = lowrank("convert", original, "--to", "mlx", "--model", base,
                     "--output", tmp_path / "mlx")
    assert report["relative_distance"] < 1e-6
    ids = random_ids(48, 20, seed=60)
    expected = peft_logits(base, original, ids)
    close(mlx_logits(base, tmp_path / "mlx", ids), expected, 2e-3)
    lowrank("convert", tmp_path / "mlx", "--to", "peft", "--output", tmp_path / "back")
    agree(updates(tmp_path / "back"), updates(original), 1e-6)
    close(peft_logits(base, tmp_path / "back", ids), expected, 1e-4)
    assert score(base, ids, tmp_path, tmp_path / "back").isfinite().all()


def made_by_mlx(base, folder, kind):
    """An adapter that mlx-lm makes and names, with random numbers in it."""
    import mlx.core as mx
    from mlx.utils import tree_flatten
    from mlx_lm.tuner.utils import linear_to_lora_layers
    from mlx_lm.utils import load_model

    mx.set_default_device(mx.cpu)
    mx.random.seed(7)
    model, _ = load_model(base)
    model.freeze()
    parameters = dict(rank=3, scale=1.7, dropout=0.0,
                      keys=["self_attn.q_proj", "self_attn.k_proj", "mlp.down_proj"])
    linear_to_lora_layers(model, 1, parameters, use_dora=kind == "dora")
    tensors = {}
    for name, value in tree_flatten(model.trainable_parameters()):
        noise = 0.3 * mx.random.normal(value.shape)
        tensors[name] = value + noise if name.endswith(".m") else noise
    assert any(".lora_b" in name for name in tensors)
    folder.mkdir()
    mx.save_safetensors(str(folder / "adapters.safetensors"), tensors)
    (folder / "adapter_config.json").write_text(json.dumps(dict(
        fine_tune_type=kind, num_layers=1, lora_parameters=parameters, model="somewhere",
        iters=100, learning_rate=1e-5)))


@pytest.mark.parametrize("kind", ["lora", "dora"])
@pytest.mark.parametrize("name", ["llama2", "qwen2", "qwen3"])
def test_from_mlx(name, kind, fixture_models, tmp_path):
    base = fixture_models / name
    made_by_mlx(base, tmp_path / "mlx", kind)
    report = lowrank("convert", tmp_path / "mlx", "--to", "peft", "--output", tmp_path / "peft")
    assert report["exact"] and report["from"] == "mlx"
    ids = random_ids(48, 20, seed=61)
    theirs = mlx_logits(base, tmp_path / "mlx", ids)
    close(peft_logits(base, tmp_path / "peft", ids), theirs, 2e-3)
    close(score(base, ids, tmp_path, tmp_path / "peft"), theirs, 2e-3)
    report = lowrank("compress", tmp_path / "mlx", "--keep", 1, "--output", tmp_path / "kept")
    agree(updates(tmp_path / "kept"), updates(tmp_path / "peft"), 1e-6)


def heads(base):
    config = json.loads((base / "config.json").read_text())
    if config["model_type"] not in ("llama", "mistral"):
        return {}
    queries = config["num_attention_heads"]
    return {"q_proj": queries, "k_proj": config.get("num_key_value_heads", queries)}


def interleaved(rows, count):
    """The rows as llama.cpp rotates them: of each head, row i of the first half, then of the second."""
    size = len(rows) // count
    return rows.reshape(count, 2, size // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def gguf_name(path):
    if path == "lm_head":
        return "output.weight"
    parts = path.split(".")
    short = NAMES.get(parts[-1]) or NAMES[".".join(parts[-2:])]
    return f"blk.{parts[2]}.{short}.weight"


@pytest.mark.parametrize("adapter", GGUF, indirect=True)
def test_to_gguf_and_back(adapter, tmp_path):
    base, original = adapter
    place = tmp_path / "adapter.gguf"
    report = lowrank("convert", original, "--to", "gguf", "--model", base, "--output", place)
    assert report["relative_distance"] < 1e-6
    reader = gguf.GGUFReader(place)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    kind = json.loads((base / "config.json").read_text())["model_type"]
    assert fields["general.type"] == "adapter" and fields["adapter.type"] == "lora"
    assert fields["general.architecture"] == kind
    alpha = fields["adapter.lora.alpha"]
    tensors = {tensor.name: torch.tensor(tensor.data.astype(np.float64))
               for tensor in reader.tensors}
    expected = updates(original)
    assert len(tensors) == 2 * len(expected)
    permuted = heads(base)
    for path, update in expected.items():
        a, b = (tensors[f"{gguf_name(path)}.lora_{x}"] for x in "ab")
        assert a.shape[0] == b.shape[1]
        scale = alpha / b.shape[1] if alpha else 1
        count = permuted.get(path.split(".")[-1])
        wanted = interleaved(update, count) if count else update
        assert (scale * b @ a - wanted).norm() <= 1e-6 * wanted.norm(), path
    lowrank("convert", place, "--to", "peft", "--output", tmp_path / "back")
    agree(updates(tmp_path / "back"), expected, 1e-6)
    ids = random_ids(48, 20, seed=62)
    close(peft_logits(base, tmp_path / "back", ids), peft_logits(base, original, ids), 1e-3)


@pytest.mark.parametrize("dtype", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("alpha", [6.0, 0.0, None])
@pytest.mark.parametrize("name", ["llama2", "mistral", "qwen2", "gpt2"])
def test_from_gguf(name, alpha, dtype, fixture_models, tmp_path):
    """A file that llama.cpp's own library writes, as its converter names and orders things."""
    base = fixture_models / name
    fields = dict(target_modules="all-linear") if name == "gpt2" else dict(
        target_modules=["q_proj", "k_proj", "down_proj"])
    original = peft_adapter(base, fields, tmp_path / "adapter", seed=63)
    kind = json.loads((base / "config.json").read_text())["model_type"]
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "llama" if kind == "mistral" else kind)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    if alpha is not None:
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    writer.add_name("an adapter")
    writer.add_array("general.tags", ["some", "words"])
    expected = {}
    tensors = load_file(original / "adapter_model.safetensors")
    # The converter knows the names by its own table, so take them from there.
    arch = {"llama": gguf.MODEL_ARCH.LLAMA, "mistral": gguf.MODEL_ARCH.LLAMA,
            "qwen2": gguf.MODEL_ARCH.QWEN2, "gpt2": gguf.MODEL_ARCH.GPT2}[kind]
    names = gguf.get_tensor_name_map(arch, 8)
    for key in tensors:
        if not key.endswith(".lora_A.weight"):
            continue
        path = key.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
        a, b = (tensors[key.replace("lora_A", x)] for x in ("lora_A", "lora_B"))
        kinds = dict(f32=torch.float32, f16=torch.float16, bf16=torch.bfloat16)
        a, b = a.to(kinds[dtype]), b.to(kinds[dtype])
        scale = alpha / a.shape[0] if alpha else 1
        expected[path] = scale * b.double() @ a.double()
        count = heads(base).get(path.split(".")[-1])
        out = interleaved(b, count) if count else b
        name = names.get_name(path + ".weight", try_suffixes=(".weight",))
        assert name + ".weight" == gguf_name(path) or name == gguf_name(path)
        for suffix, tensor in ((".lora_a", a), (".lora_b", out)):
            if dtype == "bf16":
                data = tensor.contiguous().view(torch.uint8).numpy()
                writer.add_tensor(gguf_name(path) + suffix, data,
                                  raw_shape=data.shape,
                                  raw_dtype=gguf.GGMLQuantizationType.BF16)
            else:
                writer.add_tensor(gguf_name(path) + suffix, tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    report = lowrank("convert", tmp_path / "a.gguf", "--to", "peft", "--model", base,
                     "--output", tmp_path / "peft")
    assert report["exact"]
    agree(updates(tmp_path / "peft"), expected, 1e-12)
    ids = random_ids(48, 20, seed=63)
    close(score(base, ids, tmp_path, tmp_path / "peft"),
          peft_logits(base, tmp_path / "peft", ids), 1e-3)
    if "q_proj" in str(list(heads(base))):
        done = subprocess.run(
            [str(BINARY), "convert", str(tmp_path / "a.gguf"), "--to", "peft", "--output",
             str(tmp_path / "other")], capture_output=True, text=True)
        assert done.returncode == 1 and "give the folder of the base with --model" in done.stderr


@pytest.mark.parametrize("name", ["qwen2-dora", "gpt2-bias-all", "gpt2-save-head",
                                  "smollm-embedding", "llama2-dora-embedding"])
def test_no_place(name, fixture_models, tmp_path):
    base, fields = ADAPTERS[name]
    base = fixture_models / base
    original = peft_adapter(base, fields, tmp_path / "adapter", seed=64)
    done = subprocess.run(
        [str(BINARY), "convert", str(original), "--to", "gguf", "--model", str(base), "--output",
         str(tmp_path / "a.gguf")], capture_output=True, text=True)
    assert done.returncode == 1 and "llama.cpp cannot hold" in done.stderr
    assert not (tmp_path / "a.gguf").exists()
