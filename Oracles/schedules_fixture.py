"""Writes Tests/LowRankTrainingTests/Fixtures/schedules.json: learning rates of transformers'
schedules and the warm-up steps that its arguments stand for. Run from the package's root."""

import json
from pathlib import Path

import torch
import transformers
from transformers import TrainingArguments, get_scheduler

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/schedules.json")
RUNS = [(0, 7), (3, 10), (1, 1), (5, 5), (9, 4)]
PEAK, FLOOR = 2e-4, 3e-5

# name, the name of transformers, its arguments, and what our schedule is given.
SCHEDULES = [
    ("constant", "constant_with_warmup", {}, {}),
    ("linear", "linear", {}, {}),
    ("cosine", "cosine", {}, {}),
    ("cosine", "cosine_with_min_lr", dict(min_lr=FLOOR), dict(floor=FLOOR)),
    ("linear", "polynomial", dict(lr_end=FLOOR), dict(floor=FLOOR)),
    ("polynomial", "polynomial", dict(lr_end=0.0), {}),
    ("polynomial", "polynomial", dict(lr_end=0.0, power=2.5), dict(power=2.5)),
    ("polynomial", "polynomial", dict(lr_end=FLOOR, power=0.5), dict(floor=FLOOR, power=0.5)),
    ("inverse_sqrt", "inverse_sqrt", {}, {}),
    ("inverse_sqrt", "inverse_sqrt", dict(timescale=4), dict(timescale=4)),
]


def rates(name, arguments, warmup, total):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    schedule = get_scheduler(name, optimizer, warmup, total, arguments)
    # Transformers' polynomial divides by zero where nothing is left after the warm-up.
    steps = range(total if name == "polynomial" else total + 2)
    return [PEAK * schedule.lr_lambdas[0](step) for step in steps]


def warmup_steps(steps, total):
    return TrainingArguments(warmup_steps=steps, use_cpu=True).get_warmup_steps(total)


made = {
    "made by": f"Oracles/schedules_fixture.py, transformers {transformers.__version__}",
    "peak": PEAK,
    "schedules": [
        dict(name=ours, warmup=warmup, total=total, rates=rates(theirs, arguments, warmup, total))
        | given
        for ours, theirs, arguments, given in SCHEDULES
        for warmup, total in RUNS
    ],
    "warmups": [
        dict(text=text, total=total, steps=warmup_steps(float(text), total))
        for text in ["0", "0.1", "0.03", "1", "40"]
        for total in [1, 7, 100, 1000]
    ],
}
OUTPUT.write_text(json.dumps(made, indent=1) + "\n")
