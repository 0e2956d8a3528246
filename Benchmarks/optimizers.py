"""Compares what a step costs with each optimizer of factors with what it costs with AdamW.

    python Benchmarks/optimizers.py [--target c_attn,all-linear] [--rounds 5] [--steps 4]

Each round runs `lowrank bench train` once with every optimizer, AdamW first, so that a change of the machine's speed meets all of
them. A figure is the median over rounds of the ratio to AdamW in the same round: wall-clock time of a step, processor time of a
step (of all threads, which other programs affect least), and peak memory of the process. Beside it are the bytes of the
optimizer's state and, as in throughput.py, the rounds in which no other program used more than a tenth of the processor.
RefLoRA changes gradients only after its first steps: here from the second on. Optimizers that train one factor in turns
need an even number of steps. Prints tables in Markdown and writes Benchmarks/results/optimizers.json.
"""

import argparse
import json
import os
import shlex
import statistics
import sys
from pathlib import Path

from throughput import QUIET, ROOT, processor, run_ours

# A name, what is given to --optimizer, and the bound of the cost over AdamW.
OPTIMIZERS = {
    "adamw": ("adamw", None), "lora-plus": ("lora-plus", 8), "lora-fa": ("lora-fa", 8),
    "rolora": ("rolora", 8), "altlora": ("altlora", 8), "scaled-adamw": ("scaled-adamw", 8),
    "lora-rite": ("lora-rite", 20), "lora-pro": ("lora-pro", 20),
    "reflora": ("reflora:warmup=1", 8), "reflora-s": ("reflora-s", 8)}
MEASURES = {"step_seconds": "time", "step_processor_seconds": "processor time",
            "peak_memory_bytes": "peak memory"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=ROOT / "Benchmarks/configs/gpt2-124m.json")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--target", default="c_attn", help="one, or several with commas between them")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--only", help="names with commas; AdamW always runs")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/optimizers.json")
    return parser.parse_args()


def measure(options, target: str, names: list[str]) -> list[dict]:
    """One row for each optimizer, with its figures of each round."""
    flags = ["bench", "train", "--config", str(options.config), "--batch", str(options.batch),
             "--length", str(options.length), "--rank", str(options.rank), "--precision",
             options.precision, "--target", target, "--steps", str(options.steps), "--warmup",
             str(options.warmup)]
    rounds = []
    for number in range(options.rounds):
        print(f"{target}: round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        rounds.append({name: run_ours(options.lowrank, [*flags, "--optimizer", OPTIMIZERS[name][0]])
                       for name in names})
    return [row(target, name, rounds) for name in names]


def row(target: str, name: str, rounds: list[dict]) -> dict:
    ratios = {key: [r[name][key] / r["adamw"][key] for r in rounds] for key in MEASURES}
    return dict(
        target=target, optimizer=OPTIMIZERS[name][0], bound_percent=OPTIMIZERS[name][1],
        median_ratios={key: statistics.median(values) for key, values in ratios.items()},
        ratios=ratios, state_bytes=rounds[0][name]["optimizer_state_bytes"],
        quiet_rounds=sum(max(r[name]["foreign"], r["adamw"]["foreign"]) < QUIET for r in rounds),
        rounds=[{key: r[name][key] for key in [*MEASURES, "foreign"]} for r in rounds])


def table(rows: list[dict], target: str) -> str:
    own = [r for r in rows if r["target"] == target]
    base = next(r for r in own if r["bound_percent"] is None)
    lines = [f"| {target} | " + " | ".join(MEASURES.values())
             + " | state, MB | state | bound | within | quiet rounds |", "|---" * 9 + "|"]
    for r in own:
        cost = {key: 100 * (ratio - 1) for key, ratio in r["median_ratios"].items()}
        state = 100 * (r["state_bytes"] / base["state_bytes"] - 1)
        bound = r["bound_percent"]
        if bound is None:
            figures = [f"{1000 * median(r, 'step_seconds'):.0f} ms",
                       f"{1000 * median(r, 'step_processor_seconds'):.0f} ms",
                       f"{median(r, 'peak_memory_bytes') / 1e6:.0f} MB"]
            verdict = ["", "", ""]
        else:
            figures = [f"{value:+.1f} %" for value in cost.values()]
            within = max(cost["step_seconds"], cost["peak_memory_bytes"]) <= bound
            verdict = [f"{state:+.0f} %", f"{bound} %", "yes" if within else "no"]
        lines.append("| " + " | ".join(
            [r["optimizer"], *figures, f"{r['state_bytes'] / 1e6:.2f}", *verdict,
             f"{r['quiet_rounds']}/{len(r['rounds'])}"]) + " |")
    return "\n".join(lines)


def median(row: dict, key: str) -> float:
    return statistics.median(r[key] for r in row["rounds"])


def main():
    options = arguments()
    if not options.lowrank.exists():
        sys.exit(f"{options.lowrank} is missing: swift build -c release --product lowrank")
    wanted = options.only.split(",") if options.only else list(OPTIMIZERS)
    if unknown := [name for name in wanted if name not in OPTIMIZERS]:
        sys.exit(f"no optimizer {', '.join(unknown)}; there are {', '.join(OPTIMIZERS)}")
    names = ["adamw", *(name for name in wanted if name != "adamw")]
    command = shlex.join(["python", "Benchmarks/optimizers.py", *sys.argv[1:]])
    rows = []
    for target in options.target.split(","):
        rows += measure(options, target, names)
        print(table(rows, target) + "\n", flush=True)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(
            dict(command=command, processor=processor(), results=rows), indent=2) + "\n")
    if not all(r["quiet_rounds"] for r in rows):
        print("other programs were busy in every round of some; measure again on a quiet machine",
              file=sys.stderr)


if __name__ == "__main__":
    main()
