"""Fifty steps of a model of PEFT on one batch, and those of ours, compared loss by loss."""

import json
from pathlib import Path

import torch
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

STEPS = 50


def train_peft(model, data, optimizer, steps=STEPS) -> tuple[list[float], dict]:
    """PEFT's loss before each step, and its final factors."""
    losses = []
    for _ in range(steps):
        loss = model(**data).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < 0.98 * losses[0], "too little was learned to compare"
    return losses, {k: v.detach() for k, v in get_peft_model_state_dict(model).items()}


def adamw(model, rate) -> torch.optim.Optimizer:
    """AdamW on what is trained, without weight decay."""
    trained = [p for p in model.parameters() if p.requires_grad]
    return torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)


def losses(adapter: Path) -> list[float]:
    """The loss of each step of a run of ours, a method's penalty added as PEFT's has it."""
    lines = (adapter / "state/metrics.jsonl").read_text().splitlines()
    return [m["loss"] + m.get("penalty", 0) for m in map(json.loads, lines) if "loss" in m]


def far(ours: dict, reference: dict) -> float:
    """The greatest relative distance of two tensors of a name, in the Frobenius norm."""
    assert ours.keys() == reference.keys()
    return max(((ours[k] - v).norm() / v.norm()).item() for k, v in reference.items())


def compare(adapter: Path, theirs: list[float], factors: dict | None = None):
    """Losses within 1e-4, and factors, where they are given, within 1e-3."""
    worst = max(abs(a - b) for a, b in zip(losses(adapter), theirs, strict=True))
    assert worst <= 1e-4, f"losses differ by {worst:.1e}"
    if factors is not None:
        # The bias of keys has no gradient but rounding, which Adam makes steps of.
        def compared(tensors):
            return {k: v for k, v in tensors.items() if not k.endswith(".bias")}
        distance = far(compared(load_file(adapter / "adapter_model.safetensors")), compared(factors))
        assert distance <= 1e-3, f"factors differ by {distance:.1e}"
