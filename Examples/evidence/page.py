"""Copies the results of experiments to Benchmarks/results/evidence, and writes Documentation/Evidence.md from all that
lie there: python3 Examples/evidence/page.py RUNS PLAN..."""

import json
import sys
from pathlib import Path

RESULTS = Path("Benchmarks/results/evidence")
PAGE = Path("Documentation/Evidence.md")
# The plans whose curves a page of the documentation shows.
IMAGES, CURVES = Path("Documentation/Images"), ("gemma-curves",)
TITLES = {
    "names": "Turkish names, stories260K",
    "e2e": "E2E, stories260K",
    "sst2": "SST-2, all-MiniLM-L6-v2",
    "gemma-e2e": "E2E, Gemma 3 270M",
    "gemma-curves": "E2E, Gemma 3 270M, 200 steps",
}
HEAD = """# Evidence

Which choices pay, measured under equal conditions: every variant has its own learning rate, chosen on validation rows, the largest
rank whose parameters are within the budget, which are not the same number for all, and the same steps and seeds. Variants are compared on held-out rows by paired differences to plain
LoRA, with 95 % intervals of Student's t; p is corrected by Holm's method for all variants of a table. "Steps" is the first
evaluation at which the mean validation loss is at most the baseline's last. "Other" is how much the loss on English names
grew; below zero, it fell. A star marks a best rate at the end of the grid: there, a better rate may lie beyond, and the comparison favours
whoever's best rate is within.

`make evidence` runs the plans in [Examples/evidence](../Examples/evidence) again and writes this page;
[Benchmarks/results/evidence](../Benchmarks/results/evidence) has every run. Intervals of few seeds are wide: the
critical value of t is 4.3 for three seeds, and 2.8 for five. What is not significant here may still be so with more.
The plans for [SST-2](../Examples/evidence/sst2.yaml) and [Gemma 3 270M](../Examples/evidence/gemma-e2e.yaml) are for larger machines, and
have not been run yet.
"""


def number(value, digits=4):
    return "" if value is None else f"{value:.{digits}f}"


def table(result):
    yield "| variant | parameters | best rate | held-out loss | spread | difference | 95 % interval | p (Holm) | steps | other |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in result["summary"]:
        star = " *" if row["at_edge"] else ""
        rate = "none" if row["best_learning_rate"] is None else f"{row['best_learning_rate']:g}{star}"
        interval = "" if row["low"] is None else f"{row['low']:+.4f} to {row['high']:+.4f}"
        difference = "" if row["difference"] is None else f"{row['difference']:+.4f}"
        steps = "never" if row["steps_to_baseline"] is None else row["steps_to_baseline"]
        yield (f"| {row['variant']} | {row['parameters']:,} | {rate} | {number(row['mean'])} | "
               f"{number(row['spread'])} | {difference} | {interval} | "
               f"{number(row['corrected_probability'], 3)} | {steps} | {number(row['forgetting'], 2)} |")


def rates(result):
    """The mean validation loss by rate, which shows what one rate for all would have said."""
    runs = [r for r in result["runs"] if not r["trial"]]
    found = sorted({r["learning_rate"] for r in runs})
    yield "| variant | " + " | ".join(f"{rate:g}" for rate in found) + " |"
    yield "|---|" + "---|" * len(found)
    for row in result["summary"]:
        cells = []
        for rate in found:
            some = [r["valid_loss"] for r in runs
                    if r["variant"] == row["variant"] and r["learning_rate"] == rate and r["valid_loss"] is not None]
            failed = sum(r["failed"] is not None for r in runs
                         if r["variant"] == row["variant"] and r["learning_rate"] == rate)
            cells.append((number(sum(some) / len(some)) if some else "none") + (f" ({failed} failed)" if failed else ""))
        yield f"| {row['variant']} | " + " | ".join(cells) + " |"


def single_rate(result):
    """Which variants would look better if all had the smallest rate of the grid, and which of them are."""
    runs = [r for r in result["runs"] if not r["trial"] and r["valid_loss"] is not None]
    rate = min(r["learning_rate"] for r in runs)

    def loss(variant):
        found = [r["valid_loss"] for r in runs if r["variant"] == variant and r["learning_rate"] == rate]
        return sum(found) / len(found) if found else float("inf")

    if any(loss(r["variant"]) == float("inf") for r in result["summary"]):
        return  # halving did not finish this rate for all
    base = result["summary"][0]["variant"]
    seeming = [r for r in result["summary"][1:] if loss(r["variant"]) < loss(base) - 0.1]
    if seeming:
        real = [r["variant"] for r in seeming if r["significant"] and r["difference"] < 0]
        yield (f"- With {rate:g} for all, the validation loss of {', '.join(r['variant'] for r in seeming)} would be lower than that of "
               f"{base} by more than 0.1; with a rate of its own, {', '.join(real) or 'none of them'} is significantly better.")


def sentences(result):
    """What the numbers say, by the rule of the table: significant or not, and in which direction."""
    base = result["summary"][0]["variant"]
    better = [r["variant"] for r in result["summary"][1:] if r["significant"] and r["difference"] < 0]
    worse = [r["variant"] for r in result["summary"][1:] if r["significant"] and r["difference"] > 0]
    open_ = [r["variant"] for r in result["summary"][1:] if not r["significant"]]
    if better:
        yield f"- Significantly better than {base}: {', '.join(better)}."
    if worse:
        yield f"- Significantly worse than {base}: {', '.join(worse)}."
    seeds = len({r["seed"] for r in result["runs"]})
    if seeds == 1:
        yield "- One seed: whether a difference is more than chance is not known."
    elif open_:
        yield f"- No significant difference to {base}: {', '.join(open_)}."
    edge = [r["variant"] for r in result["summary"] if r["at_edge"]]
    if edge:
        yield f"- Best rate at the end of the grid: {', '.join(edge)}."
    yield from single_rate(result)
    seconds = sum(r["seconds"] for r in result["runs"])
    yield f"- {len(result['runs'])} runs with {seeds} seed{'s' if seeds > 1 else ''}, {seconds / 60:.0f} minutes of training steps."


def main():
    runs, plans = Path(sys.argv[1]), sys.argv[2:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        result = json.loads((runs / plan / "results.json").read_text())
        (RESULTS / f"{plan}.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
        if plan in CURVES:
            (IMAGES / f"{plan}.svg").write_text((runs / plan / "curves.svg").read_text())
    lines = [HEAD]
    for plan, title in TITLES.items():
        place = RESULTS / f"{plan}.json"
        if not place.exists():
            continue
        result = json.loads(place.read_text())
        picture = IMAGES / f"{plan}.svg"
        curves = [f"![Validation loss of each step]({picture.relative_to(PAGE.parent)})", ""] if picture.exists() else []
        lines += [f"## {title}", "", *sentences(result), "", *curves, *table(result), "",
                  "Mean validation loss by learning rate:", "", *rates(result), ""]
    PAGE.write_text("\n".join(lines))


main()
