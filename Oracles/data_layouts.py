"""Writes small data sets in the layouts and columns in which GSM8K, Dolly and E2E are published.

    python data_layouts.py FOLDER

The rows are our own; file names, column names and cards are those of the published data sets, with .jsonl where the hub
has Parquet.
"""

import csv
import json
import sys
from pathlib import Path


def jsonl(path: Path, rows: list[dict]):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def gsm8k(folder: Path):
    def rows(start: int, count: int, asks: str):
        return [dict(question=f"Ann has {n} apples and buys {n % 4 + 1} more. How many has she?",
                     answer=f"{asks}{n} + {n % 4 + 1} = <<{n}+{n % 4 + 1}={n + n % 4 + 1}>>"
                            f"{n + n % 4 + 1}\n#### {n + n % 4 + 1}")
                for n in range(start, start + count)]

    configs = []
    for name, asks in (("main", ""), ("socratic", "How many is that? ** ")):
        for split, start, count in (("train", 1, 24), ("test", 40, 6)):
            jsonl(folder / f"{name}/{split}-00000-of-00001.jsonl", rows(start, count, asks))
        configs.append(f"- config_name: {name}\n  data_files:\n" + "".join(
            f"  - split: {split}\n    path: {name}/{split}-*\n" for split in ("train", "test")))
    (folder / "README.md").write_text(
        "---\nlicense: mit\nconfigs:\n" + "".join(configs) + "---\n# Rows in GSM8K's layout\n")


def dolly(folder: Path):
    animals = ["cat", "dog", "horse", "mouse", "owl", "fox"]
    jsonl(folder / "databricks-dolly-15k.jsonl", [
        dict(instruction=f"Which animal is meant in text {n}?" if n % 2 else f"Name animal {n}.",
             context=f"The {animals[n % 6]} sleeps." if n % 2 else "",
             response=f"The {animals[n % 6]}.",
             category="closed_qa" if n % 2 else "open_qa") for n in range(24)])
    (folder / "README.md").write_text("---\nlicense: cc-by-sa-3.0\n---\n# Rows in Dolly's layout\n")


def e2e(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    for split, start, count in (("train", 0, 24), ("valid", 30, 6), ("test", 40, 6)):
        with open(folder / f"{split}.csv", "w", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(["mr", "ref"])
            for n in range(start, start + count):
                kind = ["pub", "restaurant", "coffee shop"][n % 3]
                writer.writerow([f"name[Place {n}], eatType[{kind}], area[riverside]",
                                 f"Place {n} is a {kind} by the river."])


if __name__ == "__main__":
    root = Path(sys.argv[1])
    gsm8k(root / "gsm8k")
    dolly(root / "dolly")
    e2e(root / "e2e")
