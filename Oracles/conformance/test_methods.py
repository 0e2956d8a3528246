"""Architectures beside LoRA: adapters of PEFT's other types go both ways, and train as PEFT trains them."""

import json

import pytest
import torch
from peft import HiraConfig, LoHaConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

from adapters_fixture import load
from harness import CHARACTERS, END, close, lowrank, run, save_random, save_tokenizer, score
from harness import transformers_logits, write_rows
from test_ours_read_by_peft import load_strictly, shapes
from test_training import TEXTS, batch, far
from tiny_models import GPT2, QWEN2, configuration, logits, random_ids

STEPS = 50
RATE = 3e-3
BASES = {
    "qwen2": QWEN2 | dict(hidden_size=64, intermediate_size=96),
    "gpt2": GPT2 | dict(n_embd=64, n_head=4, n_positions=64),
}
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
}


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    base_name, flags, fields = CASES[request.param]
    base = save_random(configuration(BASES[base_name] | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)),
        tmp_path / "model", seed=3)
    data = batch(save_tokenizer(base), prompted=False)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    return base, flags, fields, tmp_path, data


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
    base, flags, fields, scratch, _ = case
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
    for key in ("r", "alpha", "rank_pattern", "alpha_pattern"):
        # No pattern is an empty one.
        assert (config.get(key) or None) == (theirs.get(key) or None), key


def test_peft_read_by_ours(case):
    base, _, fields, scratch, _ = case
    model = moved(base, fields, scratch / "peft", seed=11)
    ids = random_ids(len(CHARACTERS), 20, seed=5)
    expected = logits(model, ids)
    assert (expected - logits(load(base), ids)).abs().max() > 1e-2, "the adapter has no effect"
    close(score(base, ids, scratch, scratch / "peft"), expected, 1e-4)
    run("merge", "--model", base, "--adapter", scratch / "peft", "--output", scratch / "merged")
    close(transformers_logits(scratch / "merged", ids), expected, 1e-4)


def test_fifty_steps(case):
    base, _, fields, scratch, data = case
    torch.manual_seed(7)
    get_peft_model(load(base), fields()).save_pretrained(scratch / "start")
    model = PeftModel.from_pretrained(load(base), scratch / "start", is_trainable=True).eval()
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        loss = model(**data).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < 0.98 * losses[0], "too little was learned to compare"
    adapter = train(base, scratch, "trained", "--init-adapter", scratch / "start")
    lines = (adapter / "state/metrics.jsonl").read_text().splitlines()
    ours = [m["loss"] for m in map(json.loads, lines) if "loss" in m]
    worst = max(abs(a - b) for a, b in zip(ours, losses, strict=True))
    assert worst <= 1e-4, f"losses differ by {worst:.1e}"
    factors = {k: v.detach() for k, v in get_peft_model_state_dict(model).items()}
    distance = far(load_file(adapter / "adapter_model.safetensors"), factors)
    assert distance <= 1e-3, f"factors differ by {distance:.1e}"
