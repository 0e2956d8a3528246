"""Architectures beside LoRA: adapters of PEFT's other types go both ways, and train as PEFT trains them."""

import json

import pytest
import torch
from peft import AdaLoraConfig, HiraConfig, LoHaConfig, LoKrConfig, PeftModel, RandLoraConfig
from peft import VeraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

from adapters_fixture import load
from harness import CHARACTERS, END, close, lowrank, run, save_random, save_tokenizer, score
from harness import transformers_logits, write_rows
from test_ours_read_by_peft import load_strictly, shapes
from steps import STEPS, adamw, compare, train_peft
from test_training import TEXTS, batch
from tiny_models import GPT2, QWEN2, configuration, logits, random_ids

KEYS = {"r", "init_r", "alpha", "lora_alpha", "randlora_alpha", "rank_pattern", "alpha_pattern",
        "bias", "decompose_both", "decompose_factor", "d_initial", "projection_prng_key",
        "save_projection", "sparse", "very_sparse", "orth_reg_weight"}
RATE = 3e-3
BASES = {
    "qwen2": QWEN2 | dict(hidden_size=64, intermediate_size=96),
    "gpt2": GPT2 | dict(n_embd=64, n_head=4, n_positions=64),
}
# The rates of methods that need another one to learn enough in fifty steps.
RATES = {"vera": 3e-2, "vera-gpt2": 3e-2}


def lokr(**fields):
    return lambda: LoKrConfig(task_type="CAUSAL_LM", r=4, **fields)


def vera(**fields):
    return lambda: VeraConfig(task_type="CAUSAL_LM", r=4, **fields)


def randlora(**fields):
    return lambda: RandLoraConfig(task_type="CAUSAL_LM", r=4, randlora_alpha=1, **fields)


def svd(**fields):
    return lambda: AdaLoraConfig(task_type="CAUSAL_LM", init_r=4, total_step=STEPS, **fields)


# name: (base, our flags, PEFT's configuration)
CASES = {
    "hira": ("qwen2", ["--method", "hira", "--target", "q_proj,down_proj"],
             lambda: HiraConfig(task_type="CAUSAL_LM", r=4, target_modules=["q_proj", "down_proj"])),
    "hira-all": ("qwen2", ["--method", "hira", "--target", "all-linear"],
                 lambda: HiraConfig(task_type="CAUSAL_LM", r=4, target_modules="all-linear")),
    "hira-gpt2": ("gpt2", ["--method", "hira", "--target", "c_attn,c_proj"],
                  lambda: HiraConfig(task_type="CAUSAL_LM", r=4, fan_in_fan_out=True,
                                     target_modules=["c_attn", "c_proj"])),
    "loha": ("qwen2", ["--method", "loha", "--alpha", 6, "--target", "q_proj,down_proj"],
             lambda: LoHaConfig(task_type="CAUSAL_LM", r=4, alpha=6,
                                target_modules=["q_proj", "down_proj"])),
    "loha-patterns": ("qwen2", ["--method", "loha", "--alpha", 6, "--target", "q_proj,up_proj",
                                "--rank-pattern", "up_proj=3", "--alpha-pattern", "q_proj=2"],
                      lambda: LoHaConfig(task_type="CAUSAL_LM", r=4, alpha=6,
                                         target_modules=["q_proj", "up_proj"],
                                         rank_pattern={"up_proj": 3}, alpha_pattern={"q_proj": 2})),
    "lokr": ("qwen2", ["--method", "lokr", "--alpha", 6, "--target", "q_proj,down_proj"],
             lokr(alpha=6, target_modules=["q_proj", "down_proj"])),
    "lokr-all": ("qwen2", ["--method", "lokr:decompose_factor=4", "--alpha", 6,
                           "--target", "all-linear"],
                 lokr(alpha=6, decompose_factor=4, target_modules="all-linear")),
    "lokr-both": ("qwen2", ["--method", "lokr:decompose_both=true,decompose_factor=16",
                            "--alpha", 6, "--target", "q_proj,down_proj",
                            "--rank-pattern", "q_proj=2", "--alpha-pattern", "q_proj=3"],
                  lokr(alpha=6, decompose_both=True, decompose_factor=16,
                       rank_pattern={"q_proj": 2}, alpha_pattern={"q_proj": 3},
                       target_modules=["q_proj", "down_proj"])),
    "vera": ("qwen2", ["--method", "vera", "--target", "q_proj,k_proj,down_proj"],
             vera(target_modules=["q_proj", "k_proj", "down_proj"])),
    "vera-gpt2": ("gpt2", ["--method", "vera:d_initial=0.2,projection_prng_key=9",
                           "--target", "c_attn,c_proj", "--bias", "lora_only"],
                  vera(d_initial=0.2, projection_prng_key=9, fan_in_fan_out=True,
                       bias="vera_only", target_modules=["c_attn", "c_proj"])),
    "randlora": ("qwen2", ["--method", "randlora", "--alpha", 1,
                           "--target", "q_proj,k_proj,down_proj"],
                 randlora(target_modules=["q_proj", "k_proj", "down_proj"])),
    # PEFT's type has no modules to exclude: those that are left are named.
    "randlora-sparse": ("qwen2", ["--method", "randlora:sparse=true", "--alpha", 1,
                                  "--target", "all-linear", "--exclude", "gate_proj"],
                        randlora(sparse=True, target_modules=[
                            "q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj"])),
    "randlora-gpt2": ("gpt2", ["--method", "randlora:projection_prng_key=9", "--alpha", 1,
                               "--target", "c_attn,c_proj"],
                      randlora(projection_prng_key=9, fan_in_fan_out=True,
                               target_modules=["c_attn", "c_proj"])),
    "svd": ("qwen2", ["--method", "svd", "--alpha", 6, "--target", "q_proj,down_proj"],
            svd(lora_alpha=6, target_modules=["q_proj", "down_proj"])),
    "svd-gpt2": ("gpt2", ["--method", "svd:orth_reg_weight=0", "--alpha", 6, "--target", "all-linear",
                          "--bias", "all"],
                 svd(lora_alpha=6, orth_reg_weight=0.0, bias="all", fan_in_fan_out=True, target_modules="all-linear")),
}


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    base_name, flags, fields = CASES[request.param]
    base = save_random(configuration(BASES[base_name] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    data = batch(save_tokenizer(base), prompted=False)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    return base, flags, fields, tmp_path, data, RATES.get(request.param, RATE)


def train(base, scratch, name, *flags, steps=STEPS, rate=RATE):
    adapter = scratch / name
    lowrank("train", "--model", base, "--data", scratch / "data", "--adapter-path", adapter,
            "--iters", steps, "--batch-size", len(TEXTS), "--learning-rate", rate,
            "--lr-schedule", "constant", "--base-dropout", 0, "--precision", "f32", *flags)
    return adapter


def moved(base, fields, folder, seed):
    """An adapter of PEFT with every trained number at random."""
    torch.manual_seed(seed)
    model = get_peft_model(load(base), fields())
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = 0.3 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    return model.eval()


def test_ours_read_by_peft(case):
    base, flags, fields, scratch, _, _ = case
    adapter = train(base, scratch, "adapter", "--rank", 4, *flags, steps=5, rate=0.03)
    model = load_strictly(base, adapter)
    ids = random_ids(len(CHARACTERS), 20, seed=3)
    expected = logits(model, ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-3, "nothing was trained"
    close(score(base, ids, scratch, adapter), expected, 1e-4)
    fresh = get_peft_model(load(base), fields())
    saved = load_file(adapter / "adapter_model.safetensors")
    assert shapes(saved) == shapes(get_peft_model_state_dict(fresh))
    config = json.loads((adapter / "adapter_config.json").read_text())
    theirs = fresh.peft_config["default"].to_dict()
    assert not set(config) - set(theirs), "keys that PEFT does not have"
    for key in KEYS & set(config):
        # No pattern is an empty one.
        assert (config[key] or None) == (theirs[key] or None), key


def test_peft_read_by_ours(case):
    base, _, fields, scratch, _, _ = case
    model = moved(base, fields, scratch / "peft", seed=11)
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model, ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-2, "the adapter has no effect"
    close(score(base, ids, scratch, scratch / "peft"), expected, 1e-4)
    run("merge", "--model", base, "--adapter", scratch / "peft", "--output", scratch / "merged")
    close(transformers_logits(scratch / "merged", ids), expected, 1e-4)


def test_fifty_steps(case):
    base, _, fields, scratch, data, rate = case
    torch.manual_seed(7)
    get_peft_model(load(base), fields()).save_pretrained(scratch / "start")
    model = PeftModel.from_pretrained(load(base), scratch / "start", is_trainable=True).eval()
    losses, factors = train_peft(model, data, adamw(model, rate))
    adapter = train(base, scratch, "trained", "--init-adapter", scratch / "start", rate=rate)
    compare(adapter, losses, factors)


# Methods whose matrices follow from a seed: our option, PEFT's field.
SEEDED = {
    "vera": (vera, {}),
    "vera-other": (vera, dict(projection_prng_key=4321)),
    "randlora": (randlora, dict(projection_prng_key=5)),
    "randlora-sparse": (randlora, dict(sparse=True)),
    "randlora-very-sparse": (randlora, dict(very_sparse=True, projection_prng_key=2**31 + 5)),
}


@pytest.mark.parametrize("name", SEEDED)
def test_the_same_seed_makes_the_same_matrices(name, tmp_path):
    make, fields = SEEDED[name]
    case = make(target_modules=["q_proj", "k_proj", "down_proj"], **fields)
    base = save_random(configuration(BASES["qwen2"] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    options = ",".join(f"{k}={str(v).lower()}" for k, v in fields.items())
    method = make.__name__ + (":" + options if options else "")
    flags = ["--rank", 4, "--target", "q_proj,k_proj,down_proj"]
    if make is randlora:
        flags += ["--alpha", 1]
    adapter = train(base, tmp_path, "adapter", "--method", method, *flags, steps=5, rate=0.03)
    saved = load_file(adapter / "adapter_model.safetensors")
    theirs = get_peft_model_state_dict(get_peft_model(load(base), case()))
    shared = [key for key in theirs if "lambda" not in key and "gamma" not in key]
    assert shared
    for key in shared:
        close(saved[key], theirs[key].float(), 1e-6)

    # Neither of us need save them.
    unsaved = make(target_modules=["q_proj", "k_proj", "down_proj"], save_projection=False, **fields)
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    method += ("," if options else ":") + "save_projection=false"
    small = train(base, tmp_path, "small", "--method", method, *flags, steps=5, rate=0.03)
    assert not set(shared) & set(load_file(small / "adapter_model.safetensors"))
    ours = score(base, ids, tmp_path, small)
    close(ours, score(base, ids, tmp_path, adapter), 1e-5)
    close(ours, logits(PeftModel.from_pretrained(load(base), small).eval(), ids), 1e-4)
    model = moved(base, unsaved, tmp_path / "peft", seed=2)
    close(score(base, ids, tmp_path, tmp_path / "peft"), logits(model, ids), 1e-4)


def test_pruned_directions(tmp_path):
    """A rank pattern of AdaLoRA: of one module some directions are left, of another none."""
    base = save_random(configuration(BASES["qwen2"] | dict(vocab_size=len(CHARACTERS))),
                       tmp_path / "model", seed=3)
    torch.manual_seed(11)
    fields = svd(lora_alpha=6, target_modules=["q_proj", "down_proj"])
    model = get_peft_model(load(base), fields())
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = 0.3 * torch.randn_like(parameter)
    masks = {"model.layers.0.self_attn.q_proj": [True, False, True, False],
             "model.layers.1.mlp.down_proj": [False] * 4}
    for path, mask in masks.items():
        module = model.get_submodule("base_model.model." + path)
        module.lora_E["default"].data[~torch.tensor(mask)] = 0
    model.peft_config["default"].rank_pattern = {k + ".lora_E": v for k, v in masks.items()}
    model.eval().save_pretrained(tmp_path / "peft")
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model, ids)
    close(score(base, ids, tmp_path, tmp_path / "peft"), expected, 1e-4)
    run("merge", "--model", base, "--adapter", tmp_path / "peft", "--output", tmp_path / "merged")
    close(transformers_logits(tmp_path / "merged", ids), expected, 1e-4)

    # What ours saves of it, PEFT reads.
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    ours = train(base, tmp_path, "ours", "--init-adapter", tmp_path / "peft", steps=5)
    read = PeftModel.from_pretrained(load(base), ours).eval()
    assert read.get_submodule("base_model.model.model.layers.0.self_attn.q_proj").r["default"] == 2
    close(score(base, ids, tmp_path, ours), logits(read, ids), 1e-4)


def folded(matrix, inputs, outputs, rotates):
    """MoRA's ΔW of a matrix M, by its definition: column j of ΔW is what a unit vector becomes."""
    k = matrix.shape[0]
    pieces = -(-inputs // k)
    columns = []
    for j in range(inputs):
        x = torch.zeros(inputs, dtype=torch.float64)
        x[j] = 1
        x = torch.cat([x, x[:pieces * k - inputs]]).reshape(pieces, k)
        if rotates:
            angles = torch.arange(pieces)[:, None] * 10000.0 ** (
                -torch.arange(0, k, 2, dtype=torch.float64) / k)[None]
            c, s = angles.cos(), angles.sin()
            first, second = x[:, :k // 2], x[:, k // 2:]
            x = torch.cat([first * c - second * s, second * c + first * s], dim=1)
            y = (x @ matrix.T).reshape(-1)
        else:
            y = matrix @ x.sum(0)
        columns.append(y.repeat(-(-outputs // len(y)))[:outputs])
    return torch.stack(columns, dim=1)


@pytest.mark.parametrize("rotates", [True, False])
def test_mora_is_its_definition(rotates, tmp_path):
    """PEFT has no MoRA: the merged model of a trained adapter is compared with its equation."""
    base = save_random(configuration(BASES["qwen2"] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    method = "mora" if rotates else "mora:rotating=false"
    adapter = train(base, tmp_path, "adapter", "--method", method, "--rank", 3,
                    "--target", "q_proj,k_proj,down_proj", steps=5, rate=0.01)
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["peft_type"] == "MORA"
    with pytest.raises(Exception, match="MORA"):
        PeftModel.from_pretrained(load(base), adapter)
    model = load(base)
    for name, matrix in load_file(adapter / "adapter_model.safetensors").items():
        path = name.removeprefix("base_model.model.").removesuffix(".mora_M")
        weight = model.get_submodule(path).weight
        outputs, inputs = weight.shape
        k = int(((outputs + inputs) * 3) ** 0.5 + 0.5) // (2 if rotates else 1) * (2 if rotates else 1)
        assert matrix.shape == (k, k)
        weight.data += folded(matrix.double(), inputs, outputs, rotates).float()
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model.eval(), ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-2, "the adapter has no effect"
    close(score(base, ids, tmp_path, adapter), expected, 1e-4)
    run("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    close(transformers_logits(tmp_path / "merged", ids), expected, 1e-4)


def test_lora_xs_is_its_definition(tmp_path):
    """PEFT has no LoRA-XS: frozen factors are the leading singular vectors, ΔW is s·B R A."""
    base = save_random(configuration(BASES["qwen2"] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    adapter = train(base, tmp_path, "adapter", "--method", "lora-xs", "--rank", 4, "--alpha", 6,
                    "--target", "q_proj,k_proj,down_proj", steps=5, rate=0.03)
    model = load(base)
    saved = load_file(adapter / "native.safetensors")
    for name in [name for name in saved if name.endswith("lora_xs_R")]:
        a, b = (saved[name[:-1] + factor].double() for factor in "AB")
        weight = model.get_submodule(name.removeprefix("base_model.model.")[:-10]).weight
        u, sizes, v = torch.linalg.svd(weight.detach().double(), full_matrices=False)
        close(b @ a, u[:, :4] * sizes[:4] @ v[:4], 1e-5)
        close(a @ a.T, torch.eye(4, dtype=torch.float64), 1e-5)
        weight.data += (6 / 4 * b @ saved[name].double() @ a).float()
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model.eval(), ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-3, "the adapter has no effect"
    close(score(base, ids, tmp_path, adapter), expected, 1e-4)
    # PEFT reads the LoRA that it equals.
    close(logits(load_strictly(base, adapter), ids), expected, 1e-4)
