"""What `lowrank analyze` and `diff` say is what PyTorch and PEFT compute from dense matrices."""

import json
import math

import numpy
import pytest
import torch
from peft import PeftModel
from peft.tuners.lora.intruders import reduce_intruder_dimension
from safetensors.torch import load_file, save_file

from adapters_fixture import ADAPTERS, load
from harness import close, lowrank, peft_adapter, peft_logits
from test_compress import updates
from tiny_models import logits, random_ids

NAMES = ["llama2-default", "gpt2-all-linear", "qwen3-patterns-rslora", "smollm-embedding"]


def by_path(entries):
    return {entry["path"]: entry for entry in entries}


def weight(base, path, adapter):
    """W [outputs, inputs] as the adapter sees it."""
    config = json.loads((adapter / "adapter_config.json").read_text())
    w = load(base).get_submodule(path).weight.detach().double()
    is_table = isinstance(load(base).get_submodule(path), torch.nn.Embedding)
    return w.T if config["fan_in_fan_out"] or is_table else w


@pytest.mark.parametrize("name", NAMES)
def test_spectra_and_weights(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_adapter(base, fields, tmp_path / "adapter", seed=31)
    answer = lowrank("analyze", adapter, "--model", base, "--ranks", 2)
    modules = by_path(answer["adapters"][0]["modules"])
    weights = by_path(answer["weights"])
    for path, update in updates(adapter).items():
        u, s, vt = torch.linalg.svd(update, full_matrices=False)
        found = modules[path]
        rank = found["rank"]
        s = s[:len(found["singular_values"])]
        close(torch.tensor(found["singular_values"], dtype=torch.float64), s, 1e-9 * s[0].item())
        assert math.isclose(found["stable_rank"], (s.square().sum() / s[0] ** 2), rel_tol=1e-9)
        p = s[s > 1e-12 * s[0]] / s.sum()
        assert math.isclose(found["effective_rank"], math.exp(-(p * p.log()).sum()), rel_tol=1e-6)
        w = weight(base, path, adapter)
        by_rank = {one["rank"]: one for one in weights[path]["amplification"]}
        for r in {2, min(rank, *w.shape)} & set(by_rank):
            one = by_rank[r]
            inside = (u[:, :r].T @ w @ vt[:r].T).norm().item()
            assert math.isclose(one["in_update"], inside, rel_tol=1e-6)
            top = torch.linalg.svdvals(w)[:r].norm().item()
            assert math.isclose(one["in_weight"], top, rel_tol=1e-9)
            assert math.isclose(one["factor"], s[:r].norm().item() / inside, rel_tol=1e-6)


@pytest.mark.parametrize("vectors", ["update", "factors"])
def test_similarity(vectors, fixture_models, tmp_path):
    base_name, fields = ADAPTERS["llama2-default"]
    base = fixture_models / base_name
    a = peft_adapter(base, fields, tmp_path / "a", seed=31)
    b = peft_adapter(base, fields | dict(r=6), tmp_path / "b", seed=32)
    answer = lowrank("analyze", a, b, "--vectors", vectors)
    modules = by_path(answer["similarity"][0]["modules"])

    def bases(adapter, path):
        if vectors == "update":
            u, s, vt = torch.linalg.svd(updates(adapter)[path], full_matrices=False)
            rank = int((s > 1e-10 * s[0]).sum())
            return u[:, :rank], vt[:rank].T
        tensors = load_file(adapter / "adapter_model.safetensors")
        stem = f"base_model.model.{path}."
        up = tensors[stem + "lora_B.weight"].double()
        down = tensors[stem + "lora_A.weight"].double()
        return torch.linalg.svd(up, full_matrices=False)[0], torch.linalg.svd(
            down, full_matrices=False)[2].T

    assert modules
    for path, found in modules.items():
        for side, x, y in zip(("left", "right"), bases(a, path), bases(b, path)):
            expected = [[(x[:, :i].T @ y[:, :j]).square().sum().item() / min(i, j)
                         for j in range(1, y.shape[1] + 1)] for i in range(1, x.shape[1] + 1)]
            numpy.testing.assert_allclose(found[side]["grid"], expected, atol=1e-9)
            cosines = torch.linalg.svdvals(x.T @ y).clamp(max=1)
            numpy.testing.assert_allclose(found[side]["angles"], cosines.acos(), atol=1e-6)


def test_intruders(fixture_models, tmp_path):
    """The mitigated adapter is PEFT's: the same intruders, the same update."""
    base_name, fields = ADAPTERS["llama2-default"]
    base = fixture_models / base_name
    adapter = peft_adapter(base, fields, tmp_path / "adapter", seed=31)
    ours = tmp_path / "mitigated"
    answer = lowrank("analyze", adapter, "--model", base, "--intruders", "--mitigate", 0.75,
                     "--output", ours)
    found = sum(one["intruder"] for module in answer["weights"]
                for one in module["leading_directions"])
    lines = []
    model = PeftModel.from_pretrained(load(base), adapter)
    reduce_intruder_dimension(model, mitigation_lambda=0.75, logging_sink=lines.append)
    expected = sum(int(line.split(": ")[-1]) for line in lines if "Intruders:" in line)
    assert found == expected > 0
    ids = random_ids(48, 12, 5)
    close(peft_logits(base, ours, ids), logits(model.eval(), ids), 1e-4)


def test_diff(fixture_models, tmp_path):
    """A gauge transform is no difference, another update is, as far as the dense one."""
    base_name, fields = ADAPTERS["llama2-default"]
    base = fixture_models / base_name
    a = peft_adapter(base, fields, tmp_path / "a", seed=31)
    b = peft_adapter(base, fields, tmp_path / "b", seed=32)
    answer = lowrank("diff", a, b)
    first, second = updates(a), updates(b)
    expected = math.sqrt(sum((first[p] - second[p]).square().sum().item() for p in first))
    assert not answer["equal"] and math.isclose(answer["distance"], expected, rel_tol=1e-9)
    tensors = load_file(a / "adapter_model.safetensors")
    torch.manual_seed(0)
    for name in [n for n in tensors if n.endswith("lora_A.weight")]:
        gauge = torch.randn(4, 4).double()
        up = name.replace("lora_A", "lora_B")
        tensors[up] = (tensors[up].double() @ gauge).float().contiguous()
        tensors[name] = (gauge.inverse() @ tensors[name].double()).float().contiguous()
    c = tmp_path / "c"
    c.mkdir()
    (c / "adapter_config.json").write_text((a / "adapter_config.json").read_text())
    save_file(tensors, c / "adapter_model.safetensors", {"format": "pt"})
    assert lowrank("diff", a, c)["equal"]
    canonical = tmp_path / "canonical"
    lowrank("diff", a, "--canonical", "--output", canonical)
    ids = random_ids(48, 12, 5)
    close(peft_logits(base, canonical, ids), peft_logits(base, a, ids), 1e-4)
