"""Trains Gemma 3 270M on preferences by DPO and shows that rewards rank held-out answers.

    python Oracles/acceptance/gemma_dpo.py --lowrank .build/release/lowrank --assets DIR [--steps 75]

Pairs of `instruct/dpo_en_demo` below 2,600 characters: every third is held out. all-linear, r 8, beta 0.1, 4 pairs a step, at most 768
tokens, Gemma's chat template. Rewards are 0 before training, so that no answer ranks above the other. Prints as one JSON object the number of pairs and, for
each evaluation on the held-out ones, step, loss, accuracy and margin, with the standard error of the last accuracy.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST = 2600


def pairs(file: Path) -> list[dict]:
    rows = json.loads(file.read_text())
    texts = [[turn["value"] for turn in r["conversations"]] + [max((r[side]["value"] for side in ("chosen", "rejected")), key=len)]
             for r in rows]
    return [r for r, text in zip(rows, texts) if sum(map(len, text)) < LONGEST]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lowrank", type=Path, default=Path(".build/release/lowrank"))
    parser.add_argument("--assets", type=Path, required=True, help="the folder with models/ and data/")
    parser.add_argument("--steps", type=int, default=75)
    parser.add_argument("--rate", default="2e-4")
    options = parser.parse_args()
    rows = pairs(options.assets / "data/instruct/dpo_en_demo.json")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "pairs"
        data.mkdir()
        for name, part in (("train", [r for i, r in enumerate(rows) if i % 3]), ("valid", rows[::3])):
            (data / f"{name}.json").write_text(json.dumps(part))
        subprocess.run([
            options.lowrank, "train", "--objective", "dpo", "--model", options.assets / "models/gemma-3-270m", "--data", data,
            "--target", "all-linear", "--rank", "8", "--batch-size", "4", "--max-seq-length", "768", "--chat-template", "gemma", "--learning-rate", options.rate,
            "--iters", str(options.steps), "--eval-every", str(max(1, options.steps // 3)), "--no-store",
            "--adapter-path", f"{folder}/adapter", "--json"], check=True, stdout=subprocess.DEVNULL)
        newest = max(Path(folder).rglob("metrics.jsonl"), key=lambda file: file.stat().st_mtime)
        log = [json.loads(line) for line in newest.read_text().splitlines()]
    evaluations = [{key.removeprefix("valid_"): line[key] for key in ("step", "valid_loss", "valid_accuracy", "valid_margin")}
                   for line in log if "valid_loss" in line]
    share, held = evaluations[-1]["accuracy"], len(rows[::3])
    print(json.dumps(dict(train=len(rows) - held, held_out=held, evaluations=evaluations,
                          standard_error=(share * (1 - share) / held) ** 0.5), indent=1))


if __name__ == "__main__":
    sys.exit(main())
