"""Writes Tests/LowRankTrainingTests/Fixtures/metrics.json: scikit-learn's and scipy's values of the
metrics on random rows, with ties, absent classes and constants among them. Run from the package's
root; undefined values are null."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/metrics.json")
random = np.random.default_rng(7)
warnings.simplefilter("ignore")


def shares(truth, said, labels, average):
    values = metrics.precision_recall_fscore_support(
        truth, said, labels=labels, average=average, zero_division=0
    )
    return [None if value is None else np.asarray(value).tolist() for value in values]


def classes(count, truth, said):
    truth, said = np.asarray(truth), np.asarray(said)
    f1 = metrics.f1_score(truth, said, average="binary" if count == 2 else "macro", zero_division=0)
    return dict(
        labels=count,
        truth=truth.tolist(),
        said=said.tolist(),
        accuracy=metrics.accuracy_score(truth, said),
        f1=f1,
        matthews=metrics.matthews_corrcoef(truth, said),
        confusion=metrics.confusion_matrix(truth, said, labels=range(count)).tolist(),
        each=shares(truth, said, range(count), None),
        macro=shares(truth, said, None, "macro")[:3],
        weighted=shares(truth, said, None, "weighted")[:3],
    )


def label_sets(truth, said):
    truth, said = np.asarray(truth), np.asarray(said)
    count = truth.shape[1]
    return dict(
        labels=count,
        truth=[np.flatnonzero(row).tolist() for row in truth],
        said=[np.flatnonzero(row).tolist() for row in said],
        f1_micro=metrics.f1_score(truth, said, average="micro", zero_division=0),
        f1_macro=metrics.f1_score(truth, said, average="macro", zero_division=0),
        subset_accuracy=metrics.accuracy_score(truth, said),
        each=shares(truth, said, range(count), None),
        micro=shares(truth, said, None, "micro")[:3],
        macro=shares(truth, said, None, "macro")[:3],
        weighted=shares(truth, said, None, "weighted")[:3],
    )


def numbers(truth, said):
    truth, said = np.asarray(truth, float), np.asarray(said, float)

    def defined(value):
        return None if math.isnan(value) else float(value)

    return dict(
        truth=truth.tolist(),
        said=said.tolist(),
        pearson=defined(pearsonr(said, truth)[0]),
        spearman=defined(spearmanr(said, truth)[0]),
        mse=metrics.mean_squared_error(truth, said),
        mae=metrics.mean_absolute_error(truth, said),
    )


def mostly(truth, count, share=0.7):
    other = random.integers(0, count, len(truth))
    return np.where(random.random(len(truth)) < share, truth, other)


def random_classes():
    for count, rows in [(2, 30), (2, 17), (3, 40), (5, 25), (9, 30)]:
        truth = random.integers(0, count, rows)
        yield classes(count, truth, mostly(truth, count))
    yield classes(2, [0, 0, 0, 0], [0, 0, 0, 0])
    yield classes(2, [0, 1, 0, 1, 1], [0, 0, 0, 0, 0])
    yield classes(2, [1, 1, 1], [0, 1, 0])
    yield classes(2, [1, 1, 0, 0], [0, 0, 1, 1])
    yield classes(4, [0, 0, 3, 3, 0], [0, 3, 3, 1, 0])
    yield classes(3, [2, 2, 2], [2, 2, 2])


def random_label_sets():
    for count, rows, density in [(4, 20, 0.4), (6, 15, 0.2), (1, 12, 0.5)]:
        truth = random.random((rows, count)) < density
        said = truth ^ (random.random((rows, count)) < 0.2)
        if count == 1:
            # scikit-learn takes one column for classes; a second one that is never had changes nothing
            # but the means over labels, which are therefore those of two labels.
            truth, said = [np.hstack([part, np.zeros_like(part)]) for part in (truth, said)]
        yield label_sets(truth.astype(int), said.astype(int))
    yield label_sets([[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]])
    yield label_sets([[1, 0, 0], [0, 1, 0]], [[0, 0, 0], [0, 0, 1]])


def random_numbers():
    for rows in [2, 3, 20, 35]:
        truth = random.normal(size=rows)
        yield numbers(truth, truth + random.normal(size=rows))
    ties = random.integers(0, 6, 30)
    yield numbers(ties, mostly(ties, 6))
    yield numbers(ties * 1e150, -np.flip(ties) * 1e-150)
    yield numbers(1e6 + random.random(20), random.random(20))
    yield numbers([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1])
    yield numbers([2.5, 2.5, 2.5], [1, 2, 3])
    yield numbers([1, 2, 3], [2, 4, 6])
    yield numbers([1, 2, 3], [-1, -10, -11])


made = {
    "made by": f"Oracles/metrics_fixture.py, scikit-learn {sklearn.__version__}, "
    f"scipy {scipy.__version__}",
    "classes": list(random_classes()),
    "label sets": list(random_label_sets()),
    "numbers": list(random_numbers()),
}
lines = ["{", f' "made by": {json.dumps(made.pop("made by"))},']
for index, (key, cases) in enumerate(made.items()):
    lines.append(f" {json.dumps(key)}: [")
    lines.append(",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases))
    lines.append(" ]," if index + 1 < len(made) else " ]")
OUTPUT.write_text("\n".join(lines) + "\n}\n")
