"""Every form that `lowrank compress` writes is read right by PEFT, without a warning."""

import json
import re
import subprocess
import warnings

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from adapters_fixture import ADAPTERS, CAUSAL, load
from harness import BINARY, close, lowrank, peft_fixture, peft_logits, score
from tiny_models import logits, random_ids

# Tensors that PEFT keeps for training alone.
TRAINING = ("lora_velora_embed", "lora_monteclora_sampler")


def updates(adapter):
    """s·BA by module, as PEFT's configuration scales it."""
    config = json.loads((adapter / "adapter_config.json").read_text())
    tensors = {k: v.double() for k, v in load_file(adapter / "adapter_model.safetensors").items()}

    def value(table, path, default):
        for key, found in (table or {}).items():
            if re.match(rf"(.*\.)?({key})$", path):
                return found
        return default

    result = {}
    for name, down in tensors.items():
        for a, b in ((".lora_A.weight", ".lora_B.weight"),
                     (".lora_embedding_A", ".lora_embedding_B")):
            if not name.endswith(a):
                continue
            path = name.removeprefix("base_model.model.").removesuffix(a)
            rank = value(config.get("rank_pattern"), path, config["r"])
            alpha = value(config.get("alpha_pattern"), path, config["lora_alpha"])
            scale = alpha / (rank ** 0.5 if config.get("use_rslora") else rank)
            result[path] = scale * tensors[name.removesuffix(a) + b] @ down
    return result


@pytest.mark.parametrize("form", ["peft", "padded", "llamacpp"])
@pytest.mark.parametrize("name", CAUSAL)
def test_compressed(name, form, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=23)
    small = tmp_path / "small"
    flags = ["compress", adapter, "--output", small, "--keep", 0.5, "--emit", form]
    stored = load_file(adapter / "adapter_model.safetensors")
    if form == "llamacpp" and any("lora_" not in key or "magnitude" in key for key in stored):
        done = subprocess.run([str(BINARY), *map(str, flags)], capture_output=True, text=True)
        assert done.returncode == 1 and "llama.cpp cannot hold" in done.stderr
        return
    certificate = lowrank(*flags)
    before, after = updates(adapter), updates(small)
    distance = sum(((u - after[p]) if p in after else u).square().sum().item()
                   for p, u in before.items())
    assert abs(distance - certificate["discarded_energy"]) <= 1e-4 * certificate["energy"]
    assert distance ** 0.5 <= certificate["bound"] * (1 + 1e-6) + 1e-6
    model = load(base)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
        # PEFT's own advice on any adapter of an embedding or a tied head
        warnings.filterwarnings("ignore", message=".*tie.*")
        model = PeftModel.from_pretrained(model, small)
        report = model.load_adapter(small, "default")
    assert not report.missing_keys and not report.unexpected_keys
    ids = random_ids(48, 20, seed=23)
    close(score(base, ids, tmp_path, small), logits(model.eval(), ids), 1e-4)


@pytest.mark.parametrize("name", [name for name in CAUSAL if "dora" in name])
def test_magnitudes(name, fixture_models, tmp_path):
    """However little is kept of BA, DoRA's magnitudes act as before."""
    base = fixture_models / ADAPTERS[name][0]
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=23)
    small = tmp_path / "small"
    certificate = lowrank("compress", adapter, "--output", small, "--keep", 0.01)
    before, after = (load_file(folder / "adapter_model.safetensors") for folder in (adapter, small))
    magnitudes = {key: value for key, value in before.items() if "magnitude" in key}
    assert len(magnitudes) == certificate["magnitudes_kept"] == certificate["rank_after"]
    for key, value in magnitudes.items():
        assert torch.equal(after[key], value)
    model = PeftModel.from_pretrained(load(base), small)
    ids = random_ids(48, 20, seed=23)
    close(score(base, ids, tmp_path, small), logits(model.eval(), ids), 1e-4)


@pytest.mark.parametrize("name", CAUSAL)
def test_nothing_lost(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=24)
    lowrank("compress", adapter, "--output", tmp_path / "same", "--keep", 1)
    first, second = (load_file(a / "adapter_model.safetensors")
                     for a in (adapter, tmp_path / "same"))
    assert {k for k in first if not any(part in k for part in TRAINING)} == second.keys()
    ids = random_ids(48, 20, seed=24)
    close(peft_logits(base, tmp_path / "same", ids), peft_logits(base, adapter, ids), 1e-4)
    if "patterns" not in name:
        assert all(torch.equal(first[k], second[k]) for k in second)


@pytest.mark.parametrize("name", ["llama2-default", "qwen2-all-linear", "qwen3-patterns",
                                  "qwen2-dora", "smollm-layers"])
def test_mlx(name, fixture_models, tmp_path):
    import mlx.core as mx
    from mlx_lm.utils import load_adapters, load_model

    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=25)
    for form, place in (("peft", "small"), ("mlx", "mlx")):
        lowrank("compress", adapter, "--output", tmp_path / place, "--keep", 0.5, "--emit", form)
    ids = random_ids(48, 20, seed=25)
    mx.set_default_device(mx.cpu)
    model, _ = load_model(base)
    model = load_adapters(model, str(tmp_path / "mlx"))
    found = torch.tensor(model(mx.array(ids.tolist())).astype(mx.float32).tolist())[0]
    close(found, score(base, ids, tmp_path, tmp_path / "small"), 1e-3)
