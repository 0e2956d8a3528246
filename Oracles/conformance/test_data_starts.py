"""Starts that follow from statistics of data: the same factors as PEFT's on the same data; where PEFT has no such
start, its formula in double precision.

Our rows have no last token, which predicts nothing: PEFT is shown the data without it. PEFT's randomised decompositions are
replaced by exact ones, since they do not converge on spectra as flat as these.
"""

import dataclasses
import sys
import types

import pytest
import torch
from peft import EvaConfig, get_peft_model, initialize_lora_eva_weights
from peft.tuners.lora.config import CordaConfig, LoraGAConfig
from peft.tuners.lora.loraga import preprocess_loraga
from peft.utils.incremental_pca import IncrementalPCA

from adapters_fixture import load, lora_config
from harness import close
from test_initializations import (
    TARGETS, case, modules, modules_of_one_pair, span_distance, train)
from test_ours_read_by_peft import load_strictly

# PEFT's CorDA takes a decorator of the package attrs, on which PEFT does not depend; that of Python does the same.
try:
    import attr  # noqa: F401
except ImportError:
    sys.modules["attr"] = types.SimpleNamespace(dataclass=dataclasses.dataclass)
from peft.tuners.lora.corda import preprocess_corda  # noqa: E402

__all__ = ["case"]


def without_last(data):
    """The batch as our rows are: the last token of each text masked."""
    mask = data["attention_mask"].clone()
    for row, length in enumerate(mask.sum(dim=1)):
        mask[row, length - 1] = 0
    return dict(input_ids=data["input_ids"], attention_mask=mask)


def exact_svd(matrix, q, niter=2):
    """torch.svd_lowrank without its random error, which on spectra as flat as these is large."""
    u, s, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    return u[:, :q].float(), s[:q].float(), v[:q].T.float()


@pytest.mark.parametrize("rho", [1.0, 2.0])
def test_eva(case, rho, monkeypatch):
    name, base, scratch, data = case
    monkeypatch.setattr(IncrementalPCA, "_svd_fn_lowrank", lambda self, x: torch.linalg.svd(
        x.double(), full_matrices=False))
    adapter = train(base, scratch, "start", TARGETS[name], "--init", f"eva:rho={rho}", steps=1,
                    rate=0)
    model = get_peft_model(load(base), lora_config(base, dict(
        r=4, lora_alpha=6, target_modules=TARGETS[name], init_lora_weights="eva",
        eva_config=EvaConfig(rho=rho))))
    initialize_lora_eva_weights(model, [without_last(data)], show_progress_bar=False)
    found = {}
    for path, down, up in modules_of_one_pair(adapter):
        layer = model.base_model.model.get_submodule(path)
        found[path] = len(down)
        assert len(down) == layer.r["default"]
        close(down, layer.lora_A["default"].weight.detach(), 1e-4)
        assert not up.any()
    assert sum(found.values()) == 4 * len(TARGETS[name]) * model.config.num_hidden_layers
    if name == "qwen2":
        assert (len(set(found.values())) > 1) == (rho > 1), found
    scales = {m.scaling["default"] for m in model.modules() if hasattr(m, "lora_A")}
    loaded = load_strictly(base, adapter)
    assert {round(m.scaling["default"], 6) for m in loaded.modules() if hasattr(m, "lora_A")} == {
        round(s, 6) for s in scales} == {1.5}


@pytest.mark.parametrize("mode", ["ipm", "kpm"])
def test_corda(case, mode, monkeypatch):
    name, base, scratch, data = case
    adapter = train(base, scratch, "start", TARGETS[name], "--init", f"corda:mode={mode}", steps=1,
                    rate=0)
    model = load(base)
    config = lora_config(base, dict(
        r=4, lora_alpha=6, target_modules=TARGETS[name], init_lora_weights="corda",
        corda_config=CordaConfig(corda_method=mode)))

    def run():
        for ids, mask in zip(data["input_ids"], data["attention_mask"]):
            model(ids[None, :mask.sum() - 1])

    # The smallest components of W C are lost in the rounding of single precision.
    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "float", torch.Tensor.double)
        preprocess_corda(model, config, run_model=run)
    model = get_peft_model(model, config)
    for path, (down, up), frozen in modules(adapter):
        assert torch.equal(down, frozen[0]) and torch.equal(up, frozen[1])
        layer = model.base_model.model.get_submodule(path)
        a = layer.lora_A["default"].weight.detach().double()
        b = layer.lora_B["default"].weight.detach().double()
        product = b @ a
        close(up.double() @ down.double(), product, 1e-4 * product.abs().max().item())
        assert span_distance(down.T, a.T) < 1e-4
        assert span_distance(up, b) < 1e-4
        close(down.norm(dim=1) / a.norm(dim=1), torch.ones(4).double(), 1e-4)


@pytest.mark.parametrize("direction", ["ArB2r", "A2rBr", "ArBr"])
@pytest.mark.parametrize("scale", ["stable", "weight_svd", "gd_scale", "unit"])
def test_lora_ga(case, direction, scale, monkeypatch):
    name, base, scratch, data = case
    monkeypatch.setattr(torch, "svd_lowrank", exact_svd)
    adapter = train(base, scratch, "start", TARGETS[name], "--init",
                    f"lora-ga:direction={direction},scale={scale}", steps=1, rate=0)
    model = load(base).eval()
    # No dropout, as ours.
    model.train = lambda mode=True: model
    config = lora_config(base, dict(
        r=4, lora_alpha=6, target_modules=TARGETS[name], init_lora_weights="lora_ga",
        lora_ga_config=LoraGAConfig(direction=direction, scale=scale)))
    preprocess_loraga(model, config, lambda: model(**data).loss.backward())
    model = get_peft_model(model, config)
    for path, (down, up), frozen in modules(adapter):
        assert torch.equal(down, frozen[0]) and torch.equal(up, frozen[1])
        layer = model.base_model.model.get_submodule(path)
        a, b = (layer.lora_A["default"].weight.detach(), layer.lora_B["default"].weight.detach())
        if (name, scale) == ("gpt2", "stable"):
            # PEFT takes the inputs of a Conv1D for its outputs.
            b = b * (len(b) / a.shape[1]) ** 0.25
        assert span_distance(down.T, a.T) < 1e-4
        assert span_distance(up, b) < 1e-4
        for ours, theirs in ((down, a), (up.T, b.T)):
            signs = (ours * theirs).sum(dim=1, keepdim=True).sign()
            close(ours, signs * theirs, 1e-4 * theirs.abs().max().item())


def statistics(model, data, target):
    """In double precision, of each module: inputs x and gradients δ of the summed loss, a row each, and the gradient G
    of the mean loss, [outputs, inputs]."""
    model = model.double().eval()
    mask = without_last(data)["attention_mask"].bool()
    seen, handles = {}, []
    for path, module in model.named_modules():
        if path.split(".")[-1] in target:
            def forward(module, inputs, output, path=path):
                seen[path] = [inputs[0][mask].detach()]
                output.register_hook(lambda d: seen[path].append(d[mask]))
            handles.append(module.register_forward_hook(forward))
    count = (data["labels"][:, 1:] != -100).sum()
    (model(**data).loss * count).backward()
    for handle in handles:
        handle.remove()
    return {path: (x, dy, dy.T @ x / count) for path, (x, dy) in seen.items()}


def test_lora_one(case):
    name, base, scratch, data = case
    adapter = train(base, scratch, "start", TARGETS[name], "--init", "lora-one:gamma=32", steps=1,
                    rate=0)
    found = statistics(load(base), data, TARGETS[name])
    for path, down, up in modules_of_one_pair(adapter):
        u, s, v = torch.linalg.svd(-found.pop(path)[2], full_matrices=False)
        roots = (s[:4] / s[0] / 32).sqrt()
        expected = (u[:, :4] * roots, roots[:, None] * v[:4])
        close(up.double() @ down.double(), expected[0] @ expected[1], 1e-5)
        close(down.norm(dim=1).double(), expected[1].norm(dim=1), 1e-5)
        assert span_distance(down.T, expected[1].T) < 1e-4
        assert span_distance(up, expected[0]) < 1e-4
    assert not found


def ledoit_wolf(x):
    """Ledoit and Wolf's estimate for a known mean of zero."""
    rows, width = x.shape
    moment = x.T @ x / rows
    center = moment.trace() / width * torch.eye(width).double()
    noise = sum(((r[:, None] * r - moment) ** 2).sum() for r in x) / rows ** 2
    share = min(1.0, (noise / ((moment - center) ** 2).sum()).item())
    return (1 - share) * moment + share * center


def inverse_root(matrix):
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values.rsqrt()) @ vectors.T


def test_covariance(case):
    name, base, scratch, data = case
    adapter = train(base, scratch, "start", TARGETS[name], "--init", "covariance:gamma=9", steps=1,
                    rate=0)
    found = statistics(load(base), data, TARGETS[name])
    for path, (down, up), frozen in modules(adapter):
        x, dy, gradient = found.pop(path)
        reading, writing = inverse_root(ledoit_wolf(x)), inverse_root(ledoit_wolf(dy))
        u, _, v = torch.linalg.svd(writing @ gradient @ reading, full_matrices=False)
        a, b = v[:4] @ reading, writing @ u[:, :4]
        a, b = (m * (4 / 9) ** 0.5 / m.norm() for m in (a, b))
        expected = b @ a
        close(up.double() @ down.double(), expected, 1e-4 * expected.abs().max().item())
        assert span_distance(down.T, a.T) < 1e-4
        assert span_distance(up, b) < 1e-4
        assert torch.equal(down, frozen[0]) and torch.equal(up, frozen[1])
    assert not found


def bending_energy(size):
    """Of the natural cubic spline through numbers at unit distances."""
    second = torch.zeros(size, size - 2).double()
    for k in range(size - 2):
        second[k:k + 3, k] = torch.tensor([1.0, -2.0, 1.0]).double()
    near = torch.eye(size - 2).double() * 2 / 3
    near += sum(torch.diag(torch.full((size - 3,), 1 / 6).double(), d) for d in (-1, 1))
    return second @ torch.linalg.solve(near, second.T)


@pytest.mark.parametrize("coordinate", ["seriation", "channels"])
def test_spline_covariance(case, coordinate):
    name, base, scratch, data = case
    adapter = train(base, scratch, "start", TARGETS[name], "--init",
                    f"spline-covariance:folds=4,coordinate={coordinate}", steps=1, rate=0)
    found = statistics(load(base), data, TARGETS[name])
    example = torch.repeat_interleave(
        torch.arange(len(data["input_ids"])), without_last(data)["attention_mask"].sum(dim=1))

    def leading(matrix):
        return torch.linalg.eigh(matrix)[1][:, -4:]

    for path, down, up in modules_of_one_pair(adapter):
        x = found.pop(path)[0]
        covariance = torch.cov(x.T, correction=0)
        order = torch.arange(x.shape[1])
        if coordinate == "seriation":
            near = torch.corrcoef(x.T).abs()
            near.fill_diagonal_(0)
            order = torch.linalg.eigh(torch.diag(near.sum(0)) - near)[1][:, 1].argsort()
        penalty, x = bending_energy(x.shape[1]), x[:, order]
        largest = torch.linalg.eigvalsh(covariance)[-1]
        errors = {}
        for weight in [0.0] + [10.0 ** k for k in range(-4, 3)]:
            errors[weight] = 0.0
            for fold in range(4):
                held, seen = x[example % 4 == fold], x[example % 4 != fold]
                v = leading(torch.cov(seen.T, correction=0) - weight * largest * penalty)
                c = torch.cov(held.T, correction=0)
                errors[weight] += (c.trace() - (v.T @ c @ v).trace()).item()
        best = min(errors, key=errors.get)
        expected = torch.zeros(x.shape[1], 4).double()
        expected[order] = leading(torch.cov(x.T, correction=0) - best * largest * penalty)
        assert span_distance(down.T, expected) < 1e-4
        close(down @ down.T, torch.eye(4), 1e-5)
        assert not up.any()
    assert not found
