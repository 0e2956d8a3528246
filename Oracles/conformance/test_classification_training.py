"""Fifty AdamW steps on labelled rows agree with PEFT step by step.

From the same factors and the same head on the same batches: the loss at each step within 1e-4, the
final tensors within 1e-3 in Frobenius norm.
"""

import json

import pytest
import torch
from peft import PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

from classifiers import (TASKS, TEXTS, encode, labels, load, lora_config, save_base, target,
                         with_task)
from harness import lowrank, write_rows
from test_training import far
from tiny_encoders import padded

STEPS = 50
RATE = 1e-3
ENCODERS = ["bert", "roberta", "distilbert", "deberta", "deberta-v2-xlarge", "deberta-v3-base",
            "modernbert-mean", "gpt2-classifier", "llama-classifier"]
# How rows come to a step: batch size, and batches of a step. The order is that of the file.
BATCHES = {"one-batch": (8, 1), "two-batches": (4, 1), "accumulated": (4, 2)}


class Case:
    """A base, an adapter to start from, and rows of one text or two."""

    def __init__(self, name: str, task: str, folder, pairs: bool = False):
        self.folder, self.task = folder, task
        self.encoder = with_task(name, task)
        self.base = save_base(self.encoder, "classifier", folder / "model", seed=3)
        model, missing = load(self.base, self.encoder.task["num_labels"])
        torch.manual_seed(4)
        get_peft_model(model, lora_config(self.encoder, missing)).save_pretrained(folder / "start")
        self.labels = labels(task, len(TEXTS))
        self.texts = [(t[:len(t) // 3], t[len(t) // 3:]) for t in TEXTS] if pairs else TEXTS
        columns = ["first", "second"] if pairs else ["text"]
        rows = [dict(zip(columns, t if pairs else (t,))) | dict(label=l)
                for t, l in zip(self.texts, self.labels)]
        write_rows(folder / "data/train.jsonl", rows)
        # In a file, where a list of columns is a list.
        (folder / "run.yaml").write_text(
            f"task: {task}\ntext_column: [{', '.join(columns)}]\nlabel_column: label\n")

    def peft(self, size: int, backwards: bool = False):
        """PEFT's loss before each step on batches of a size, and its final tensors."""
        model, _ = load(self.base, self.encoder.task["num_labels"])
        model = PeftModel.from_pretrained(
            model, self.folder / "start", is_trainable=True).eval()
        rows = encode(self.base, model.config, self.texts)
        order = [range(i, i + size) for i in range(0, len(rows), size)]
        batches = []
        for indices in order:
            indices = list(reversed(indices)) if backwards else list(indices)
            batches.append(padded(model.config, [rows[i] for i in indices]) | dict(
                labels=target(self.task, [self.labels[i] for i in indices])))
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad],
                                      lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
        losses = []
        for step in range(STEPS):
            loss = model(**batches[step % len(batches)]).loss
            losses.append(loss.item())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        return losses, {k: v.detach() for k, v in get_peft_model_state_dict(model).items()}

    def ours(self, size: int, accumulated: int):
        adapter = self.folder / "adapter"
        lowrank("train", "-c", self.folder / "run.yaml", "--model", self.base,
                "--data", self.folder / "data", "--adapter-path", adapter,
                "--init-adapter", self.folder / "start", "--iters", STEPS, "--batch-size", size,
                "--grad-accumulation", accumulated, "--no-shuffle", "--learning-rate", RATE,
                "--lr-schedule", "constant", "--weight-decay", 0, "--base-dropout", 0,
                "--precision", "f32")
        lines = (adapter / "state/metrics.jsonl").read_text().splitlines()
        losses = {m["step"]: m["loss"] for m in map(json.loads, lines) if "loss" in m}
        assert sorted(losses) == list(range(1, STEPS + 1))
        return [losses[i] for i in sorted(losses)], load_file(adapter / "adapter_model.safetensors")


def agree(case: Case, size: int, accumulated: int):
    rows = size * accumulated
    losses, tensors = case.peft(rows)
    first, last = sum(losses[:2]), sum(losses[-2:])
    assert last < 0.95 * first, f"too little was learned to compare: {first / 2} to {last / 2}"
    # The reference's own noise: the same batches, their rows in another order.
    noise = far(case.peft(rows, backwards=True)[1], tensors)
    ours, trained = case.ours(size, accumulated)
    worst = max(range(STEPS), key=lambda i: abs(ours[i] - losses[i]))
    assert abs(ours[worst] - losses[worst]) <= 1e-4, (worst + 1, ours[worst], losses[worst])
    distance = far(trained, tensors)
    assert distance <= 1e-3, f"tensors differ by {distance:.1e}; PEFT's own noise is {noise:.1e}"


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ENCODERS)
def test_fifty_steps(name, task, tmp_path):
    agree(Case(name, task, tmp_path), *BATCHES["two-batches"])


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["bert", "deberta-absolute"])
def test_fifty_steps_on_pairs(name, task, batches, tmp_path):
    agree(Case(name, task, tmp_path, pairs=True), *BATCHES[batches])
