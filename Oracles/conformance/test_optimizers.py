"""Optimizers of factors: fifty steps from one start, beside those of PEFT."""

import peft.optimizers.lorafa
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer
from peft.optimizers import create_riemannian_optimizer

from adapters_fixture import load
from harness import CHARACTERS, END, lowrank, save_random, save_tokenizer, write_rows
from steps import STEPS, compare, train_peft
from test_training import TEXTS, batch
from tiny_models import QWEN2, configuration

RANK, ALPHA = 4, 8
# With PEFT's own, 1e-6, LoRA-FA's epsilon counts otherwise in the first steps: Hugging Face's old AdamW adds it before the
# correction of the bias.
EPSILON = 1e-12


def lora_fa(model, rate):
    optimizer = create_lorafa_optimizer(model, r=RANK, lora_alpha=ALPHA, lr=rate)
    for group in optimizer.param_groups:
        group["eps"] = EPSILON
    return optimizer


# name: (`--optimizer`, rate, PEFT's, PEFT's configuration)
CASES = {
    "lora-plus": ("lora-plus:ratio=4", 1e-3, lambda m, rate: create_loraplus_optimizer(
        m, torch.optim.AdamW, lr=rate, loraplus_lr_ratio=4), {}),
    "lora-plus-dora": ("lora-plus:ratio=4", 1e-3, lambda m, rate: create_loraplus_optimizer(
        m, torch.optim.AdamW, lr=rate, loraplus_lr_ratio=4), dict(use_dora=True)),
    "lora-fa": (f"lora-fa:eps={EPSILON}", 3e-3, lora_fa, {}),
    "scaled-adamw": ("scaled-adamw:damping=0.01", 3e-3, lambda m, rate: create_riemannian_optimizer(
        m, torch.optim.AdamW, lr=rate, reg=0.01, weight_decay=0.0), {}),
    "scaled-adamw-dora": ("scaled-adamw", 3e-3, lambda m, rate: create_riemannian_optimizer(
        m, torch.optim.AdamW, lr=rate, weight_decay=0.0), dict(use_dora=True)),
}


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    base = save_random(configuration(QWEN2 | dict(
        hidden_size=64, intermediate_size=96, vocab_size=len(CHARACTERS), bos_token_id=1,
        eos_token_id=END, initializer_range=0.1)), tmp_path / "model", seed=3)
    data = batch(save_tokenizer(base), prompted=False)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    return base, tmp_path, data, *CASES[request.param]


def test_fifty_steps(case, monkeypatch):
    base, scratch, data, flag, rate, make, fields = case
    # Their LoRA-FA multiplies in bf16 where it can.
    monkeypatch.setattr(peft.optimizers.lorafa, "is_bf16_available", lambda: False)
    torch.manual_seed(7)
    config = LoraConfig(task_type="CAUSAL_LM", r=RANK, lora_alpha=ALPHA,
                        target_modules=["q_proj", "down_proj"], **fields)
    get_peft_model(load(base), config).save_pretrained(scratch / "start")
    model = PeftModel.from_pretrained(load(base), scratch / "start", is_trainable=True).eval()
    optimizer = make(model, rate)
    losses, factors = train_peft(model, data, optimizer)
    adapter = scratch / "trained"
    lowrank("train", "--model", base, "--data", scratch / "data", "--adapter-path", adapter,
            "--iters", STEPS, "--batch-size", len(TEXTS), "--learning-rate", rate,
            "--lr-schedule", "constant", "--base-dropout", 0, "--precision", "f32",
            "--optimizer", flag, "--init-adapter", scratch / "start")
    compare(adapter, losses, factors)
