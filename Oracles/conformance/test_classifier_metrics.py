"""`evaluate` and `predict` say what follows from transformers' logits of the same adapter."""

import json
import math

import pytest
import torch

from classifiers import (BY_NAME, TEXTS, batch_logits, encode, labels, load_strictly, save_base,
                         target, train)
from harness import lowrank, write_rows

# name: (base, task, labels in the order of their numbers)
CASES = {
    "binary": ("bert", "classification", (0, 1)),
    "classes": ("roberta", "classification", (0, 1, 2)),
    "words": ("deberta-v3-base", "classification", ("bad", "fair", "good")),
    "numbers": ("bert", "regression", ()),
    "sets": ("distilbert", "multilabel", (0, 1, 2, 3)),
    "decoder": ("llama-classifier", "classification", ("no", "yes")),
}
VALID = [t[::-1] for t in TEXTS] + [t[3:] + " " + t[:4] for t in TEXTS[:5]]
TOLERANCE = 1e-4


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    """Our adapter, a file to evaluate on, its labels, and PEFT's logits of it."""
    name, task, names = CASES[request.param]
    base = save_base(BY_NAME[name], "pretrained", tmp_path / "model", seed=6)
    rows = [dict(text=t, label=l) for t, l in zip(TEXTS, labels(task, len(TEXTS), names))]
    adapter = train(base, task, rows, tmp_path)
    truth = labels(task, len(VALID), names)
    valid = tmp_path / "valid.jsonl"
    write_rows(valid, [dict(text=t, label=l) for t, l in zip(VALID, truth)])
    model = load_strictly(base, adapter, len(names) or 1)
    logits = batch_logits(model, encode(base, model.config, VALID))
    return task, names, base, adapter, valid, target(task, truth, names), logits.double()


def test_evaluate(case):
    task, names, base, adapter, valid, truth, logits = case
    answer = lowrank("evaluate", "--model", base, "--adapter", adapter, "--data", valid,
                     "--precision", "f32")
    expected = METRICS[task](logits, truth)
    absent = expected.keys() - answer.keys()
    assert not absent, f"evaluate does not say {absent}: {answer}"
    for key, value in expected.items():
        ours = answer[key]
        undefined = math.isnan(value)
        assert ours is None if undefined else abs(ours - value) <= TOLERANCE, (key, ours, value)


def test_predict(case, tmp_path):
    task, names, base, adapter, valid, _, logits = case
    output = tmp_path / "predictions.jsonl"
    lowrank("predict", "--model", base, "--adapter", adapter, "--data", valid, "--output", output,
            "--precision", "f32")
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(lines) == len(VALID)
    names = [str(n) for n in names]
    for line, row in zip(lines, logits):
        if task == "regression":
            assert abs(line["label"] - row.item()) <= TOLERANCE
            continue
        shares = row.softmax(0) if task == "classification" else row.sigmoid()
        assert list(line["probabilities"]) == names
        ours = torch.tensor(list(line["probabilities"].values()), dtype=torch.float64)
        assert (ours - shares).abs().max() <= TOLERANCE
        if task == "classification":
            assert str(line["label"]) == names[row.argmax()]
        else:
            assert [str(l) for l in line["label"]] == [n for n, l in zip(names, row) if l > 0]


# The metrics as their definitions have them ------------------------------------------------------

def classification(logits, truth) -> dict:
    said, count = logits.argmax(1), logits.shape[1]
    counts = torch.zeros(count, count, dtype=torch.float64)
    for t, s in zip(truth, said):
        counts[t, s] += 1
    per_class = [f1(said == c, truth == c) for c in range(count)]
    there = [c for c in range(count) if (said == c).any() or (truth == c).any()]
    mean = sum(per_class[c] for c in there) / len(there)
    # Matthews: the correlation of the two indicator matrices.
    one_hot = lambda x: torch.nn.functional.one_hot(x, count).double()
    a, b = (one_hot(x) - one_hot(x).mean(0) for x in (truth, said))
    spread = ((a * a).sum() * (b * b).sum()).sqrt().item()
    return dict(loss=torch.nn.functional.cross_entropy(logits, truth).item(),
                accuracy=(said == truth).double().mean().item(),
                f1=per_class[1] if count == 2 else mean,
                matthews=(a * b).sum().item() / spread if spread else 0.0)


def multilabel(logits, truth) -> dict:
    said, has = logits > 0, truth > 0
    each = [f1(said[:, i], has[:, i]) for i in range(said.shape[1])]
    return dict(
        loss=torch.nn.functional.binary_cross_entropy_with_logits(logits, truth.double()).item(),
        f1_micro=f1(said.flatten(), has.flatten()), f1_macro=sum(each) / len(each),
        subset_accuracy=(said == has).all(1).double().mean().item())


def regression(logits, truth) -> dict:
    said, truth = logits[:, 0], truth.double()
    ranks = lambda x: torch.stack([(x < v).sum() + ((x == v).sum() + 1) / 2 for v in x])
    correlation = lambda x, y: torch.corrcoef(torch.stack([x, y]))[0, 1].item()
    difference = said - truth
    return dict(loss=(difference ** 2).mean().item(), pearson=correlation(said, truth),
                spearman=correlation(ranks(said).double(), ranks(truth).double()),
                mse=(difference ** 2).mean().item(), mae=difference.abs().mean().item())


def f1(said, has) -> float:
    right, both = (said & has).sum().item(), said.sum().item() + has.sum().item()
    return 2 * right / both if both else 0.0


METRICS = dict(classification=classification, multilabel=multilabel, regression=regression)
