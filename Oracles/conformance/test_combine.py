"""`lowrank combine` makes of adapters what PEFT's `add_weighted_adapter` makes of them."""

import json
import subprocess

import numpy as np
import peft.utils.merge_utils as merging
import pytest
import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer

from adapters_fixture import load
from harness import BINARY, close, lowrank, peft_adapter, peft_logits, score
from test_compress import updates
from tiny_models import random_ids

# base, fields of the adapters' configurations; whether their ranks are equal in every module
SETS = {
    "llama2": ("llama2", [dict(), dict(), dict(lora_alpha=2)], True),
    "gpt2": ("gpt2", [dict(target_modules="all-linear")] * 2, True),
    "gpt2-embedding": ("gpt2", [dict(target_modules=["wte", "c_attn"])] * 2, True),
    # PEFT saves a copy of the table beside the first alone.
    "gpt2-embedding-some": ("gpt2", [dict(target_modules=["wte", "c_attn"]),
                                     dict(target_modules=["c_attn"])], True),
    "llama3-rslora": ("llama3", [dict(use_rslora=True), dict(use_rslora=True, lora_alpha=3)], True),
    "qwen2-some": ("qwen2", [dict(target_modules=["q_proj", "up_proj"]),
                             dict(target_modules=["q_proj", "down_proj"])], True),
    "qwen3-patterns": ("qwen3", [
        dict(target_modules=["q_proj", "v_proj"], rank_pattern={"q_proj": 6},
             alpha_pattern={"v_proj": 5})] * 2, True),
    "qwen3-ranks": ("qwen3", [
        dict(target_modules=["q_proj", "v_proj"], rank_pattern={"q_proj": 2}),
        dict(target_modules=["q_proj", "v_proj"], r=3)], False),
    "smollm-rslora-ranks": ("smollm", [dict(r=2, use_rslora=True), dict(r=5)], False),
}
ADDING = ["linear", "ties", "dare_linear", "dare_ties", "magnitude_prune"]
# mode, how signs are elected, density
CASES = [("cat", "total", 1), ("svd", "total", 1), ("linear", "total", 1)]
CASES += [(mode, "total", density) for density in (0.3, 0.8)
          for mode in ("ties", "ties_svd", "magnitude_prune", "magnitude_prune_svd")]
CASES += [(mode, "frequency", density) for density in (0.3, 0.8) for mode in ("ties", "ties_svd")]
# What is dropped at random below density 1 is compared further down.
CASES += [(mode + end, "total", 1) for mode in ("dare_linear", "dare_ties") for end in ("", "_svd")]
WEIGHTS = [0.7, -1.3, 0.4]
# PEFT and we form updates in single precision; a cut between singular values that are nearly the same
# turns its subspace by as much more as they are close.
CUT = 5e-5


@pytest.fixture(params=SETS)
def adapters(request, fixture_models, tmp_path):
    base, fields, are_equal = SETS[request.param]
    folders = [peft_adapter(fixture_models / base, one, tmp_path / f"a{i}", seed=40 + i)
               for i, one in enumerate(fields)]
    return fixture_models / base, folders, are_equal


def loaded(base, folders):
    model = PeftModel.from_pretrained(load(base), folders[0], adapter_name="a0")
    for i, folder in enumerate(folders[1:], 1):
        model.load_adapter(folder, f"a{i}")
    return model


def peft_updates(model, name):
    """PEFT's ΔW by module, with outputs first.

    Of a combined adapter the factors are taken under the scale 1 that they are made for. PEFT means that too
    with α = r, but an rsLoRA adapter that comes first leaves `use_rslora` behind, and √r too much.
    """
    result = {}
    for path, module in model.base_model.model.named_modules():
        if not isinstance(module, LoraLayer):
            continue
        if name in module.lora_embedding_A:
            a, b = module.lora_embedding_A[name], module.lora_embedding_B[name]
        elif name in module.lora_A:
            a, b = module.lora_A[name].weight, module.lora_B[name].weight
        else:
            continue
        scale = 1 if name == "sum" else module.scaling[name]
        if name == "sum":
            rank = model.peft_config[name].r
            left = rank ** 0.5 if model.peft_config[name].use_rslora else 1
            assert abs(module.scaling[name] - left) < 1e-12
        result[path] = (scale * b.double() @ a.double()).detach()
    return result


def agree(ours, theirs, tolerance=1e-5):
    assert ours.keys() == theirs.keys()
    for path, update in ours.items():
        difference = (update - theirs[path]).norm() / theirs[path].norm()
        assert difference <= tolerance, f"{path} differs by {difference:.1e}"


def combined(folders, place, mode, *flags):
    weighted = [f"{folder}={weight}" for folder, weight in zip(folders, WEIGHTS)]
    return lowrank("combine", *weighted, "--mode", mode, "--output", place, *flags)


def check_distance(report, folders, place):
    """The distance that is reported is the distance of the updates that were written."""
    exact = {}
    for folder, weight in zip(folders, WEIGHTS):
        for path, update in updates(folder).items():
            exact[path] = exact.get(path, 0) + weight * update
    found = updates(place)
    for module in report["per_module"]:
        path = module["path"]
        expected = (exact[path] - found[path]).norm().item()
        norm = exact[path].norm().item()
        assert abs(module["distance"] - expected) <= 1e-6 * (norm + expected)
        assert abs(module["relative_distance"] - expected / norm) <= 1e-6 * (1 + expected / norm)
    total = sum(u.square().sum().item() for u in exact.values()) ** 0.5
    assert abs(report["relative_distance"] * total - report["distance"]) <= 1e-6 * total


@pytest.mark.parametrize("mode, sign, density", CASES)
def test_mode(mode, sign, density, adapters, tmp_path):
    base, folders, are_equal = adapters
    place = tmp_path / "sum"
    flags = [] if mode in ("cat", "svd", "linear") else ["--density", density]
    if "ties" in mode:
        flags += ["--majority-sign", sign]
    model = loaded(base, folders)
    names = [f"a{i}" for i in range(len(folders))]

    def reference():
        model.base_model.add_weighted_adapter(
            names, WEIGHTS[:len(names)], "sum", combination_type=mode, density=density,
            majority_sign_method=sign)

    if mode in ADDING and not are_equal:
        with pytest.raises((ValueError, RuntimeError)):
            reference()
        done = subprocess.run(
            [str(BINARY), "combine", *map(str, folders), "--mode", mode, "--output", str(place),
             *map(str, flags)], capture_output=True, text=True)
        assert done.returncode == 1 and "has the ranks" in done.stderr
        return
    reference()
    report = combined(folders, place, mode, *flags)
    agree(updates(place), peft_updates(model, "sum"), CUT if mode.endswith("_svd") else 1e-5)
    check_distance(report, folders, place)


@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize("mode", ["svd", "ties_svd"])
def test_rank(mode, rank, adapters, tmp_path):
    base, folders, _ = adapters
    model = loaded(base, folders)
    names = [f"a{i}" for i in range(len(folders))]
    model.base_model.add_weighted_adapter(
        names, WEIGHTS[:len(names)], "sum", combination_type=mode, density=0.6, svd_rank=rank)
    flags = ["--density", 0.6] if "ties" in mode else []
    combined(folders, tmp_path / "sum", mode, "--rank", rank, *flags)
    agree(updates(tmp_path / "sum"), peft_updates(model, "sum"), CUT)


def philox(key, stream, counters):
    """Philox 4×32-10: the four words of each counter."""
    with np.errstate(over="ignore"):
        k = [np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)]
        c = [counters & np.uint64(0xFFFFFFFF), counters >> np.uint64(32),
             np.full_like(counters, stream & 0xFFFFFFFF), np.full_like(counters, stream >> 32)]
        low = np.uint64(0xFFFFFFFF)
        for _ in range(10):
            first, second = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
            c = [(second >> np.uint64(32)) ^ c[1] ^ k[0], second & low,
                 (first >> np.uint64(32)) ^ c[3] ^ k[1], first & low]
            k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return np.stack(c, axis=-1).reshape(-1)


def mask(seed, path, part, adapter, shape, density):
    """Our mask of a tensor: an element stays where its uniform number is below the density."""
    key = 0xCBF29CE484222325
    for byte in f"{path}/{part}/{adapter}".encode():
        key = (key ^ byte) * 0x100000001B3 % 2 ** 64
    count = int(np.prod(shape))
    words = philox(seed, key, np.arange((count + 3) // 4, dtype=np.uint64))[:count]
    uniform = (words >> np.uint64(8)).astype(np.float32) * np.float32(2 ** -24)
    return torch.tensor((uniform < np.float32(density)).reshape(shape))


@pytest.mark.parametrize("mode", ["dare_linear", "dare_ties", "dare_linear_svd", "dare_ties_svd"])
@pytest.mark.parametrize("name", ["llama2", "gpt2", "llama3-rslora"])
def test_dropped(name, mode, fixture_models, tmp_path, monkeypatch):
    base, fields, _ = SETS[name]
    base = fixture_models / base
    folders = [peft_adapter(base, one, tmp_path / f"a{i}", seed=50 + i)
               for i, one in enumerate(fields)]
    model = loaded(base, folders)
    seed, density = 11, 0.4
    masks = []
    for path, module in model.base_model.model.named_modules():
        for i in range(len(folders)) if isinstance(module, LoraLayer) else []:
            factors = dict(A=module.lora_A[f"a{i}"].weight, B=module.lora_B[f"a{i}"].weight)
            for part, factor in factors.items():
                masks.append((factor.detach().clone(), mask(seed, path, part, i, factor.shape, density)))
            update = module.get_delta_weight(f"a{i}").detach()
            is_turned = module.fan_in_fan_out
            shape = update.T.shape if is_turned else update.shape
            kept = mask(seed, path, "W", i, shape, density)
            masks.append((update, kept.T if is_turned else kept))

    def pruned(tensor, density, rescale):
        kept = [m for t, m in masks if t.shape == tensor.shape and torch.equal(t, tensor)]
        assert len(kept) == 1 and rescale
        return tensor * kept[0] / density

    monkeypatch.setattr(merging, "random_pruning", pruned)
    names = [f"a{i}" for i in range(len(folders))]
    model.base_model.add_weighted_adapter(
        names, WEIGHTS[:len(names)], "sum", combination_type=mode, density=density)
    combined(folders, tmp_path / "sum", mode, "--density", density, "--seed", seed)
    agree(updates(tmp_path / "sum"), peft_updates(model, "sum"),
          CUT if mode.endswith("_svd") else 1e-5)


def test_exact_sum(adapters, tmp_path):
    """The default is the sum of the updates, and PEFT loads it."""
    base, folders, _ = adapters
    report = combined(folders, tmp_path / "sum", "sum")
    assert report["relative_distance"] < 1e-6
    model = loaded(base, folders)
    expected = {}
    for i, weight in enumerate(WEIGHTS[:len(folders)]):
        for path, update in peft_updates(model, f"a{i}").items():
            expected[path] = expected.get(path, 0) + weight * update
    agree(updates(tmp_path / "sum"), expected, 1e-6)
    check_distance(report, folders, tmp_path / "sum")
    ids = random_ids(48, 20, seed=40)
    close(score(base, ids, tmp_path, tmp_path / "sum"),
          peft_logits(base, tmp_path / "sum", ids), 2e-3)


def test_pruned_sum(adapters, tmp_path):
    """A sum with a policy is as far from the exact one as the singular values it drops."""
    _, folders, _ = adapters
    report = combined(folders, tmp_path / "small", "sum", "--keep", 0.25)
    exact = combined(folders, tmp_path / "sum", "sum")
    values = torch.cat([torch.linalg.svdvals(u) for u in updates(tmp_path / "sum").values()])
    values = values.sort(descending=True).values
    assert report["rank_after"] < exact["rank_after"]
    tail = values[report["rank_after"]:].square().sum().sqrt().item()
    assert abs(report["distance"] - tail) <= 1e-4 * values.norm().item()
    written = json.loads((tmp_path / "small/combination.json").read_text())
    assert written["distance"] == report["distance"]
