"""Prints the results of run.sh as tables for Documentation/Results.md.

    python table.py OUTPUT
"""

import json
import statistics
import sys
from pathlib import Path

POLICIES = {"para": "PARA", "cost-aware": "cost-aware", "uniform": "uniform",
            "per-module-energy": "per-module energy"}
SEEDS = range(3)


def main(folder: Path):
    def read(name: str) -> dict:
        return json.loads((folder / name).read_text())

    print("| accuracy | seed 0 | seed 1 | seed 2 | mean |")
    print("|---" * 5 + "|")
    for split in ("valid", "test"):
        ours = [read(f"ours-{seed}-{split}.json")["accuracy"] for seed in SEEDS]
        peft = [read(f"peft-{seed}.json")[split] for seed in SEEDS]
        for name, values in (("LowRank", ours), ("PEFT", peft)):
            print(f"| {name}, {split} | " + " | ".join(f"{v:.4f}" for v in values)
                  + f" | {statistics.mean(values):.4f} |")
    print()
    runs = [read(f"{seed}.smallest.json") for seed in SEEDS]
    print("| policy | seed 0 | seed 1 | seed 2 | fewer parameters, mean |")
    print("|---" * 5 + "|")
    for policy, name in POLICIES.items():
        cells, shares = [], []
        for run in runs:
            before = run["parameters_before"]
            found = next((p for p in run["smallest"] if p["policy"] == policy), None)
            after = found["parameters"] if found else before
            shares.append(100 * (1 - after / before))
            cells.append(f"{after:,} ({found['accuracy']:.4f})" if found else "none smaller")
        print(f"| {name} | " + " | ".join(cells) + f" | −{statistics.mean(shares):.1f} % |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} OUTPUT")
    main(Path(sys.argv[1]))
