"""Compares the time that starts from data take with that of as many training steps, on GPT-2 124M's shape.

    python Benchmarks/start_statistics.py --assets DIR [--only NAME,...]

The model has the shape of GPT-2 124M and random weights; all linear maps but the head are adapted at rank 8. Statistics are
taken of 64 rows of 256 tokens, as 16 batches of 4 rows, in the precision that the program chooses. They are compared with
16 training steps of the same batches, without the program's start, which a run of one step measures. Figures are processor
seconds of all threads, as the program tells them: other programs on the machine affect them least. The peak is the largest
resident set of a whole run with statistics (VmHWM), by default and with --statistics-memory. Runs alternate with those of
training for some rounds, whose medians count. Programs have one thread, since threads that wait for each other would count.
--rows 16 measures statistics of 16 rows and 4 steps, and multiplies both by 4; decompositions do not depend on it. DIR of
--assets holds tokenizers/gpt2 and data/tinyshakespeare. Prints the table of Documentation/Results.md and writes Benchmarks/results/start_statistics.json.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from memory import random_model
from throughput import ROOT, processor

ROWS, LENGTH, BATCH = 64, 256, 4
STEPS = ROWS // BATCH
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
STARTS = ["eva", "corda", "corda:mode=kpm", "lora-ga", "lora-one", "covariance", "spline-covariance"]
TOLD = re.compile(
    r"statistics collected in ([\d.]+) s \(([\d.]+) s of the processor\), "
    r"factors worked out in ([\d.]+) s \(([\d.]+) s of the processor\)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--only", help="starts with commas")
    parser.add_argument("--memory", default="500MB", help="of the runs with --statistics-memory")
    parser.add_argument("--rows", type=int, default=ROWS, help="of which statistics are measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/start_statistics.json")
    return parser.parse_args()


def rows(model: Path, text: Path, target: Path) -> Path:
    """Rows that are a little longer than is kept of them."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    ids = tokenizer.encode(text.read_text()[:400_000]).ids
    with open(target, "w") as file:
        for row in range(ROWS):
            part = ids[row * LENGTH:row * LENGTH + LENGTH + 40]
            file.write(json.dumps({"text": tokenizer.decode(part)}) + "\n")
    return target


def run(options, scratch: Path, steps: int, *flags: str) -> dict:
    """Processor seconds of a whole run, its peak, and what it says of its statistics."""
    command = [options.lowrank, "train", "--model", scratch / "model", "--train-file",
               scratch / "rows.jsonl", "--batch-size", BATCH, "--max-seq-length", LENGTH + 1,
               "--target", "all-linear", "--rank", 8, "--iters", steps, "--no-store",
               "--overwrite", "--adapter-path", scratch / "adapter", "--json", *flags]
    with open(scratch / "out", "w+") as output, open(scratch / "errors", "w+") as errors:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=errors,
                                   env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        errors.seek(0)
        said = errors.read()
        if status:
            sys.exit(said)
        result = json.loads(output.read())
    found = dict(processor=usage.ru_utime + usage.ru_stime, peak=result["peak_memory_bytes"],
                 precision=result["precision"])
    if told := TOLD.search(said):
        names = ("wall_collecting", "collecting", "wall_decomposing", "decomposing")
        found |= dict(zip(names, map(float, told.groups())))
    return found


def middle(runs: list[dict], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def main():
    options = arguments()
    starts = options.only.split(",") if options.only else STARTS
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        config = json.loads((ROOT / "Benchmarks/configs/gpt2-124m.json").read_text())
        random_model(scratch / "model", config, options.assets / "tokenizers/gpt2")
        rows(scratch / "model", options.assets / "data/tinyshakespeare/input.txt",
             scratch / "rows.jsonl")
        steps_measured = options.rows // BATCH
        plain = {1: [], steps_measured + 1: []}
        found = {(start, memory): [] for start in starts for memory in (None, options.memory)}
        for _ in range(options.rounds):
            for steps, runs in plain.items():
                runs.append(run(options, scratch, steps))
            for (start, memory), runs in found.items():
                joint = "," if ":" in start else ":"
                runs.append(run(
                    options, scratch, 1, "--init", f"{start}{joint}batches={steps_measured}",
                    *(["--statistics-memory", memory] if memory else [])))
    scale = ROWS / options.rows
    long = plain[steps_measured + 1]
    training = scale * (middle(long, "processor") - middle(plain[1], "processor"))
    results = []
    print(f"{STEPS} training steps: {training:.1f} processor seconds, "
          f"peak {max(r['peak'] for r in long) / 1e6:.0f} MB\n")
    print("| start | `--statistics-memory` | statistics | decompositions | of training | peak, MB |\n"
          "|---|---|---|---|---|---|")
    for (start, memory), runs in found.items():
        collecting, decomposing = scale * middle(runs, "collecting"), middle(runs, "decomposing")
        ratio, peak = (collecting + decomposing) / training, max(r["peak"] for r in runs)
        results.append(dict(start=start, statistics_memory=memory, collecting=collecting,
                            decomposing=decomposing, ratio=ratio, peak=peak, runs=runs))
        print(f"| `{start}` | {memory or 'default'} | {collecting:.1f} s | {decomposing:.1f} s | "
              f"{ratio:.2f} | {peak / 1e6:,.0f} |")
    options.output.write_text(json.dumps(dict(
        processor=processor(), load_average=round(os.getloadavg()[0], 1), rows=ROWS,
        measured_rows=options.rows, length=LENGTH, batch=BATCH, training=training, plain=plain, results=results), indent=1) + "\n")


if __name__ == "__main__":
    main()
