"""Compares training on packed weights with training on bf16 weights of the same shape.

    python Benchmarks/packed.py [--configs NAME,...] [--rounds 5]

For each shape it writes GGUF files of random weights (random_gguf.py) in BF16, Q8_0 and Q4_K, and runs `lowrank bench train`
on them in alternating rounds: r 8, all-linear, 4 sequences of 256 tokens, bf16. Figures are medians over the rounds. Prints a
table and writes Benchmarks/results/packed.json. Needs gguf and numpy in the running Python.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, processor, run_ours

TYPES = ("BF16", "Q8_0", "Q4_K")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configs", default="llama-124m,qwen2.5-0.5b", help="names in configs/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2, help="timed steps of a round")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/packed.json")
    return parser.parse_args()


def measure(options, name: str, folder: Path) -> list[dict]:
    config = ROOT / f"Benchmarks/configs/{name}.json"
    files = {}
    for kind in TYPES:
        files[kind] = folder / f"{name}-{kind}.gguf"
        subprocess.run([sys.executable, ROOT / "Benchmarks/random_gguf.py", config, kind,
                        files[kind]], check=True)
    rounds = {kind: [] for kind in TYPES}
    for _ in range(options.rounds):
        for kind, file in files.items():
            rounds[kind].append(run_ours(options.lowrank, [
                "bench", "train", "--model", str(file), "--batch", "4", "--length", "256",
                "--precision", "bf16", "--rank", "8", "--target", "all-linear",
                "--warmup", "1", "--steps", str(options.steps)]))
    rows = []
    for kind, done in rounds.items():
        speeds = [r["tokens_per_second"] for r in done]
        rows.append(dict(
            shape=name, type=kind, tokens_per_second=statistics.median(speeds),
            ratio=statistics.median(
                s / b["tokens_per_second"] for s, b in zip(speeds, rounds["BF16"])),
            peak_memory_bytes=statistics.median(r["peak_memory_bytes"] for r in done),
            rounds=speeds))
        files[kind].unlink()
    return rows


def main():
    options = arguments()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.configs.split(","):
            rows += measure(options, name, Path(scratch))
    print(f"{'':16} {'':6} {'tokens/s':>9} {'of BF16':>8} {'peak GB':>8}")
    for r in rows:
        print(f"{r['shape']:16} {r['type']:6} {r['tokens_per_second']:9.0f} {r['ratio']:8.2f}"
              f" {r['peak_memory_bytes'] / 1e9:8.2f}")
    options.output.write_text(json.dumps(
        dict(command="python Benchmarks/packed.py", processor=processor(), results=rows),
        indent=2) + "\n")


if __name__ == "__main__":
    main()
