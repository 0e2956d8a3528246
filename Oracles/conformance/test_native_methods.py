"""Methods that PEFT has no type for: PEFT reads the LoRA that they equal, and they train as their definitions do.

The definitions are written a second time here, in double precision: ΔW from the tensors of native.safetensors.
"""

import json
import math

import pytest
import torch
from safetensors.torch import load_file

from adapters_fixture import load
from harness import CHARACTERS, END, close, lowrank, run, save_random, save_tokenizer, score, transformers_logits
from harness import write_rows
from steps import STEPS, losses
from test_methods import BASES, moved, svd, lokr, vera, randlora
from test_ours_read_by_peft import load_strictly
from test_training import TEXTS, batch
from tiny_models import configuration, logits, random_ids

TARGETS = "q_proj,k_proj,down_proj"
RANK, ALPHA = 4, 6
SCALE = ALPHA / RANK


def kind(path):
    """What comes after the number of the layer."""
    parts = path.split(".")
    return ".".join(parts[max(i for i, p in enumerate(parts) if p.isdigit()) + 1:])


def layer(path):
    return next(int(p) for p in path.split(".") if p.isdigit())


def polar(t, path, shape):
    return t[f"{path}.polar_X"] @ t[f"{path}.polar_S"] @ t[f"{path}.polar_Y"]


def tied(t, path, shape):
    a, b = (t[f"base_model.tied.{kind(path)}.tied_{x}"] for x in "AB")
    return torch.diag(t[f"{path}.tied_v"]) @ b @ torch.diag(t[f"{path}.tied_u"]) @ a


def lotr(t, path, shape):
    a, b = (t[f"base_model.lotr.{kind(path)}.lotr_{x}"] for x in "AB")
    return torch.einsum("mi,ij,jn->mn", b, t[f"{path}.lotr_G"], a)


def train_of_tensors(t, path, shape):
    cores = [t[f"{path}.tt_{side}{k}"] for side in "GH" for k in (1, 2, 3)]
    whole = cores[0]
    for core in cores[1:]:
        whole = torch.tensordot(whole, core, dims=1)
    return whole.reshape(shape)


def cp(t, path, shape):
    group = "base_model.cp.{}x{}x{}.cp_".format(*shape, RANK)
    kinds = sorted({"self_attn.q_proj", "self_attn.k_proj", "mlp.down_proj"})
    here = [k for k in kinds if SHAPES[k] == shape]
    weights = t[group + "layers"][layer(path)] * t[group + "kinds"][here.index(kind(path))]
    return torch.einsum("hr,dr,r,rn->hdn", t[group + "heads"], t[group + "outputs"], weights,
                        t[group + "inputs"]).reshape(shape)


SHAPES = {}
# flag: (ΔW / s, the rate of fifty steps)
METHODS = {
    "polar": (polar, 3e-3),
    "tied": (tied, 3e-3),
    "lotr": (lotr, 1e-2),
    "tt": (train_of_tensors, 1e-2),
    "cp:heads=2": (cp, 1e-2),
}


@pytest.fixture(params=METHODS)
def case(request, tmp_path):
    base = save_random(configuration(BASES["qwen2"] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    data = batch(save_tokenizer(base), prompted=False)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    SHAPES.clear()
    SHAPES.update({kind(name): tuple(module.weight.shape) for name, module in modules(load(base))})
    return request.param, base, tmp_path, data


def modules(model):
    return [(name, module) for name, module in model.named_modules()
            if name.split(".")[-1] in TARGETS.split(",")]


def train(base, scratch, name, *flags, steps, rate):
    adapter = scratch / name
    lowrank("train", "--model", base, "--data", scratch / "data", "--adapter-path", adapter, "--iters", steps,
            "--batch-size", len(TEXTS), "--learning-rate", rate, "--lr-schedule", "constant",
            "--base-dropout", 0, "--precision", "f32", *flags)
    return adapter


def native(adapter):
    return {k.removeprefix("base_model.model."): v.double()
            for k, v in load_file(adapter / "native.safetensors").items()}


def flags(method):
    return ["--method", method, "--rank", RANK, "--alpha", ALPHA, "--target", TARGETS]


def test_peft_reads_the_lora(case):
    method, base, scratch, _ = case
    delta, rate = METHODS[method]
    adapter = train(base, scratch, "adapter", *flags(method), steps=5, rate=3 * rate)
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["peft_type"] == "LORA"
    model = load_strictly(base, adapter)
    ids = random_ids(len(CHARACTERS), 20, seed=3)
    expected = logits(model, ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-3, "nothing was trained"
    close(score(base, ids, scratch, adapter), expected, 1e-4)
    plain, tensors = load_file(adapter / "adapter_model.safetensors"), native(adapter)
    for path, module in modules(load(base)):
        a, b = (plain[f"base_model.model.{path}.lora_{x}.weight"].double() for x in "AB")
        patterns = {k: v for k, v in config["rank_pattern"].items() if path.endswith(k)}
        rank = next(iter(patterns.values()), config["r"])
        alphas = {k: v for k, v in config["alpha_pattern"].items() if path.endswith(k)}
        scale = next(iter(alphas.values()), config["lora_alpha"]) / rank
        assert len(a) == rank
        close(scale * b @ a, SCALE * delta(tensors, path, tuple(module.weight.shape)), 1e-5)


def landing(p, g, attraction=1.0):
    """The landing field on a factor with orthonormal columns; what is rounding to f32 of them is no excess."""
    excess = p.T @ p - torch.eye(p.shape[1], dtype=p.dtype)
    excess[excess.abs() < 1e-6] = 0
    return g @ p.T @ p - p @ g.T @ p + attraction * p @ excess


def test_fifty_steps(case):
    """The losses of a run are those of the definition under torch's AdamW, in double precision."""
    method, base, scratch, data = case
    delta, rate = METHODS[method]
    # A rate of 0 leaves the start as it is.
    start = train(base, scratch, "start", *flags(method), steps=1, rate=0)
    adapter = train(base, scratch, "trained", "--init-adapter", start, steps=STEPS, rate=rate)
    model = load(base).double().eval()
    for parameter in model.parameters():
        parameter.requires_grad = False
    tensors = {k: torch.nn.Parameter(v) for k, v in native(start).items()}

    def adapted(path, shape):
        def hook(module, inputs, output):
            return output + SCALE * inputs[0] @ delta(tensors, path, shape).T
        return hook

    for path, module in modules(model):
        module.register_forward_hook(adapted(path, tuple(module.weight.shape)))
    optimizer = torch.optim.AdamW(tensors.values(), lr=rate, weight_decay=0.0)
    theirs = []
    for _ in range(STEPS):
        loss = model(**data).loss
        theirs.append(loss.item())
        loss.backward()
        for name, tensor in tensors.items():
            if name.endswith("polar_X"):
                tensor.grad = landing(tensor.data, tensor.grad)
            if name.endswith("polar_Y"):
                tensor.grad = landing(tensor.data.T, tensor.grad.T).T.contiguous()
        optimizer.step()
        optimizer.zero_grad()
    assert theirs[-1] < 0.98 * theirs[0], "too little was learned to compare"
    worst = max(abs(a - b) for a, b in zip(losses(adapter), theirs, strict=True))
    assert worst <= 1e-4, f"losses differ by {worst:.1e}"
    if method == "polar":
        for name, tensor in tensors.items():
            if name.endswith("polar_X"):
                gram = tensor.data.T @ tensor.data
                assert (gram - torch.eye(RANK)).norm() < 0.5, "the landing field does not hold X"


OTHERS = {
    "loha": ["loha"], "lokr": ["lokr"], "svd": ["svd"], "vera": ["vera"], "randlora": ["randlora"],
    "mora": ["mora"], "hira": ["hira"],
}


@pytest.mark.parametrize("name", OTHERS)
def test_convert_to_a_lora_that_peft_reads(name, tmp_path):
    """Types without factors become LoRA: exactly without a rank, cut to one with the energy stated."""
    base = save_random(configuration(BASES["qwen2"] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    adapter = train(base, tmp_path, "adapter", "--method", name, "--rank", 4, "--target", TARGETS,
                    *([] if name in ("hira", "vera", "mora") else ["--alpha", 8]), steps=5, rate=0.03)
    model = ["--model", base] if name == "hira" else []
    exact = lowrank("convert", adapter, "--to", "peft", "--output", tmp_path / "exact", *model)
    assert "discarded_energy" not in exact
    ids = random_ids(len(CHARACTERS), 20, seed=3)
    expected = score(base, ids, tmp_path, adapter)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-3, "nothing was trained"
    close(logits(load_strictly(base, tmp_path / "exact"), ids), expected, 1e-4)

    cut = lowrank("convert", adapter, "--to", "peft", "--rank", 2, "--output", tmp_path / "cut", *model)
    run("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    merged, whole, lost = load(tmp_path / "merged"), 0.0, 0.0
    plain = load_file(tmp_path / "cut/adapter_model.safetensors")
    for path, module in modules(load(base)):
        change = merged.get_submodule(path).weight.double() - module.weight.double()
        values = torch.linalg.svdvals(change)
        whole += (values**2).sum().item()
        lost += (values[2:]**2).sum().item()
        assert len(plain[f"base_model.model.{path}.lora_A.weight"]) <= 2
    assert math.isclose(cut["discarded_energy"], lost, rel_tol=1e-2, abs_tol=1e-6 * whole)
    assert math.isclose(cut["discarded_energy_share"], lost / whole, rel_tol=1e-2, abs_tol=1e-6)


@pytest.mark.parametrize("name", ["loha", "lokr", "svd", "vera", "randlora"])
def test_compress_and_combine_what_peft_made(name, tmp_path):
    """Adapters of PEFT's other types, pruned, compared and added up as the LoRA that they equal."""
    from peft import LoHaConfig
    base = save_random(configuration(BASES["qwen2"] | dict(vocab_size=len(CHARACTERS))), tmp_path / "model", seed=3)
    fields = {
        "loha": lambda: LoHaConfig(task_type="CAUSAL_LM", r=4, alpha=6, target_modules=TARGETS.split(",")),
        "lokr": lokr(alpha=6, target_modules=TARGETS.split(",")),
        "svd": svd(lora_alpha=6, target_modules=TARGETS.split(",")),
        "vera": vera(target_modules=TARGETS.split(",")),
        "randlora": randlora(target_modules=TARGETS.split(",")),
    }[name]
    model = moved(base, fields, tmp_path / "peft", seed=11)
    # Vectors alone do not tell the extents of their map.
    needed = ["--model", base] if name in ("vera", "randlora") else []
    if needed:
        with pytest.raises(Exception, match="--model"):
            run("diff", tmp_path / "peft", tmp_path / "peft")
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model, ids)
    lowrank("compress", tmp_path / "peft", "--output", tmp_path / "small", "--energy", 1, *needed)
    close(score(base, ids, tmp_path, tmp_path / "small"), expected, 1e-3)
    same = lowrank("diff", tmp_path / "peft", tmp_path / "small", *needed)
    assert same["relative_distance"] < 1e-5
    lowrank("combine", f"{tmp_path / 'peft'}=0.5", f"{tmp_path / 'small'}=0.5", "--output", tmp_path / "sum", *needed)
    close(score(base, ids, tmp_path, tmp_path / "sum"), expected, 1e-3)
    analysis = lowrank("analyze", tmp_path / "peft", *needed)
    assert len(analysis["modules"] if "modules" in analysis else analysis["adapters"]) > 0
