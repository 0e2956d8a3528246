"""Writes Tests/LowRankExperimentsTests/Fixtures/statistics.json: what scipy says of recorded numbers.

Run from the package's root. Student's t distribution and its intervals, the paired t test, and Holm's correction as
statsmodels has it, transcribed in NumPy. Some of the pairs are written out below, in the size of losses and accuracies;
the others are random."""

import json
import math
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

OUTPUT = Path("Tests/LowRankExperimentsTests/Fixtures/statistics.json")
random = np.random.default_rng(11)


def finite(value):
    value = float(value)
    return value if math.isfinite(value) else None


def paired(variant, baseline):
    variant, baseline = np.asarray(variant), np.asarray(baseline)
    test = stats.ttest_rel(variant, baseline)
    interval = test.confidence_interval(0.95)
    difference = variant - baseline
    return dict(
        variant=variant.tolist(),
        baseline=baseline.tolist(),
        mean=finite(difference.mean()),
        deviation=finite(difference.std(ddof=1)),
        probability=finite(test.pvalue),
        low=finite(interval.low),
        high=finite(interval.high),
    )


def holm(probabilities):
    """The step-down correction, as statsmodels' multipletests(method="holm") writes it."""
    p = np.asarray(probabilities)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(raised, 1)
    return dict(probabilities=p.tolist(), corrected=corrected.tolist())


def pairs():
    yield [1.1231, 1.1199, 1.1254], [1.1312, 1.1270, 1.1306]
    yield [2.4410, 2.4382, 2.4521], [2.4402, 2.4397, 2.4499]
    yield [0.8532, 0.8521], [0.8498, 0.8486]
    for count in [2, 3, 3, 5, 8, 20]:
        baseline = random.normal(2, 0.1, count)
        yield baseline + random.normal(0.01, 0.02, count), baseline


def main():
    degrees = [1, 2, 3, 4, 7, 10, 29, 100, 1000]
    fixture = dict(
        script="Oracles/experiment_statistics_fixture.py",
        scipy=scipy.__version__,
        two_sided=[
            [d, t, 2 * stats.t.sf(t, d)]
            for d in degrees
            for t in [0, 1e-3, 0.1, 0.7, 1, 2, 4.3, 12.7, 40, 300]
        ],
        critical=[
            [d, level, stats.t.ppf((1 + level) / 2, d)]
            for d in degrees
            for level in [0.5, 0.9, 0.95, 0.99, 0.999]
        ],
        paired=[paired(a, b) for a, b in pairs()],
        holm=[
            holm(values)
            for values in [
                [0.01, 0.04, 0.03, 0.005],
                [0.5],
                [0.02, 0.02, 0.02],
                [0.9, 0.8, 0.001],
                random.uniform(0, 0.2, 11).tolist(),
            ]
        ],
    )
    OUTPUT.write_text(json.dumps(fixture, indent=1) + "\n")


main()
