"""Writes Tests/LowRankTrainingTests/Fixtures/schedules.json: factors of transformers' learning rate
schedules and the warm-up steps that its arguments stand for. Run from the package's root."""

import json
from pathlib import Path

import torch
import transformers
from transformers import TrainingArguments, get_scheduler

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/schedules.json")
NAMES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}
RUNS = [(0, 7), (3, 10), (1, 1), (5, 5), (9, 4)]


def factors(name, warmup, total):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = get_scheduler(name, optimizer, warmup, total)
    return [schedule.lr_lambdas[0](step) for step in range(total + 2)]


def warmup_steps(steps, total):
    return TrainingArguments(warmup_steps=steps, use_cpu=True).get_warmup_steps(total)


made = {
    "made by": f"Oracles/schedules_fixture.py, transformers {transformers.__version__}",
    "schedules": [
        dict(name=ours, warmup=warmup, total=total, factors=factors(theirs, warmup, total))
        for ours, theirs in NAMES.items()
        for warmup, total in RUNS
    ],
    "warmups": [
        dict(text=text, total=total, steps=warmup_steps(float(text), total))
        for text in ["0", "0.1", "0.03", "1", "40"]
        for total in [1, 7, 100, 1000]
    ],
}
OUTPUT.write_text(json.dumps(made, indent=1) + "\n")
