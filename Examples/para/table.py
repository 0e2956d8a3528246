"""Prints the results of run.sh or classifiers.sh as tables for Documentation/Results.md.

    python3 table.py OUTPUT_FOLDER
"""

import json
import statistics
import sys
from pathlib import Path

POLICIES = ["para", "cost-aware", "uniform", "per-module-energy"]


def main(folder):
    runs = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.smallest.json"))]
    losses = ", ".join(f"{run['loss_before']:.4f}" for run in runs)
    print(f"Losses of the whole adapters: {losses}")
    for name in runs[0].get("before") or []:
        print(f"{name}: " + ", ".join(f"{run['before'][name]:.4f}" for run in runs))
    print()
    print("| policy | " + " | ".join(f"seed {n + 1}" for n in range(len(runs)))
          + " | fewer parameters, mean |")
    print("|---" * (len(runs) + 2) + "|")
    for policy in POLICIES:
        cells, shares = [], []
        for run in runs:
            before = run["parameters_before"]
            found = next((p for p in run["smallest"] if p["policy"] == policy), None)
            after = found["parameters"] if found else before
            shares.append(100 * (1 - after / before))
            cells.append(f"{after:,} (−{shares[-1]:.1f} %)" if found else "none smaller")
        print(f"| {policy} | " + " | ".join(cells)
              + f" | −{statistics.mean(shares):.1f} % |")


if __name__ == "__main__":
    main(*sys.argv[1:])
