"""Prints the tables of importance.sh: python3 importance.py OUTPUT SEED..."""

import json
import sys
from pathlib import Path
from statistics import mean, stdev

NAMES = {"none": "size (PARA)", "inputs": "effect on outputs", "taylor": "Taylor", "fisher": "Fisher"}
POLICIES = ["para", "cost-aware", "uniform", "per-module-energy"]


def spread(values):
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def main():
    output, seeds = Path(sys.argv[1]), sys.argv[2:]

    def read(name):
        return json.loads((output / name).read_text())

    print("Fewer parameters within 1 % of the validation loss, in %, mean and standard deviation over seeds:\n")
    print("| components weighed by | " + " | ".join(POLICIES) + " |\n|---|" + "---|" * len(POLICIES))
    for name, title in NAMES.items():
        cells = []
        for policy in POLICIES:
            found = []
            for seed in seeds:
                sweep = read(f"{seed}-{name}.sweep.json")
                least = [p["parameters"] for p in sweep["smallest"] if p["policy"] == policy]
                found.append(100 * (1 - min(least) / sweep["parameters_before"]) if least else 0)
            cells.append(spread(found))
        print(f"| {title} | " + " | ".join(cells) + " |")
    print("\nLoss on test rows above that of the whole adapter, in %, by the share of components kept; then healed for 50 steps:\n")
    keeps = ["0.1", "0.25", "0.5"]
    print("| components weighed by | " + " | ".join(f"{k}" for k in keeps) + " | " + " | ".join(f"{k}, healed" for k in keeps) + " |")
    print("|---|" + "---|" * (2 * len(keeps)))
    for name, title in NAMES.items():
        cells = []
        for key in ("loss_after", "loss_healed"):
            for keep in keeps:
                runs = [read(f"{seed}-{name}-{keep}.json") for seed in seeds]
                cells.append(spread([100 * (r[key] / r["loss_before"] - 1) for r in runs]))
        print(f"| {title} | " + " | ".join(cells) + " |")


main()
