"""Writes Tests/LowRankTrainingTests/Fixtures/adamw.json: six steps of torch's AdamW on what a PEFT
adapter trains, with clipping, warm-up, and weight decay on the parameters that transformers' Trainer
picks. Run from the package's root."""

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import Trainer, get_linear_schedule_with_warmup

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/adamw.json")
STEPS, WARMUP, RATE, DECAY, NORM, BETAS, EPSILON = 6, 2, 0.25, 0.125, 4.0, (0.75, 0.875), 1e-3
ROLES = {
    "lora_A": "down", "lora_B": "up", "lora_magnitude_vector": "magnitude", "norm": "norm",
    "bias": "bias",
}


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = torch.nn.Linear(3, 2)
        self.norm = torch.nn.LayerNorm(2)


def normal(shape):
    # Multiples of 1/64, so that the file stays small and the inputs are exact.
    return (torch.randn(shape) * 64).round() / 64


def numbers(tensor):
    return tensor.detach().flatten().tolist()


def role(name):
    key = "bias" if name.endswith("bias") else next(key for key in ROLES if key in name)
    return ROLES[key]


torch.set_default_dtype(torch.float64)
torch.manual_seed(6)
config = LoraConfig(
    r=2, target_modules=["q_proj"], use_dora=True, bias="all", modules_to_save=["norm"])
model = get_peft_model(Model(), config)
trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
decaying = set(Trainer.get_decay_parameter_names(None, model))
with torch.no_grad():
    for value in trained.values():
        value.copy_(normal(value.shape))

parameters = {
    name: dict(role=role(name), shape=list(value.shape), start=numbers(value))
    for name, value in trained.items()
}
optimizer = torch.optim.AdamW(
    [
        dict(params=[v for n, v in trained.items() if n in decaying], weight_decay=DECAY),
        dict(params=[v for n, v in trained.items() if n not in decaying], weight_decay=0.0),
    ],
    lr=RATE, betas=BETAS, eps=EPSILON)
schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)

steps = []
for _ in range(STEPS):
    for value in trained.values():
        value.grad = normal(value.shape)
    gradients = {name: numbers(value.grad) for name, value in trained.items()}
    norm = torch.nn.utils.clip_grad_norm_(trained.values(), NORM)
    steps.append(dict(rate=optimizer.param_groups[0]["lr"], norm=norm.item(), gradients=gradients))
    optimizer.step()
    schedule.step()

for name, value in trained.items():
    state = optimizer.state[value]
    parameters[name] |= dict(
        end=numbers(value), first=numbers(state["exp_avg"]), second=numbers(state["exp_avg_sq"]))
made = {
    "made by": "Oracles/adamw_fixture.py, torch " + torch.__version__,
    "rate": RATE, "warmup": WARMUP, "decay": DECAY, "max_norm": NORM, "betas": BETAS,
    "epsilon": EPSILON, "parameters": parameters, "steps": steps,
}
OUTPUT.write_text(json.dumps(made) + "\n")
