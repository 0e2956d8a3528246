"""Compares training in several processes with training in one, all on one thread each.

    python Benchmarks/processes.py --config Benchmarks/configs/gpt2-124m.json --tokenizer DIR

Random weights of the configuration; rows of `length` tokens, `batch` of them a step. One process of
one thread and `ranks` processes of one thread (mpirun) take the same steps by turns; tokens per
second are of the training steps. The bytes that a step exchanges are 4 for each trained parameter.
The table of Documentation/Processes.md follows from the seconds of one process measured here:
steps of `N · batch` rows on N hosts, and N processes in a ring, in which each sends
2 (N − 1) / N · 4 P bytes in 2 (N − 1) messages. Writes Benchmarks/results/NAME.json.
"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, processor

# Bytes a second that a link carries, and the seconds of a message.
LINKS = {"1 Gbit/s": (0.118e9, 50e-6), "10 Gbit/s": (1.18e9, 20e-6), "100 Gbit/s": (11.8e9, 5e-6)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="a folder with tokenizer.json")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--precision", default="bf16,f32")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def make_inputs(options, scratch: Path) -> list[str]:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(options.config)
    config.eos_token_id = config.bos_token_id = config.vocab_size - 1
    AutoModelForCausalLM.from_config(config).save_pretrained(scratch / "model")
    for file in options.tokenizer.glob("tokenizer*.json"):
        shutil.copy(file, scratch / "model" / file.name)
    words = [f"word{n * 7919 % 1000}" for n in range(8 * options.length)]
    with open(scratch / "rows.jsonl", "w") as rows:
        for row in range(2 * options.batch):
            text = " ".join(words[row:] + words[:row])
            rows.write(json.dumps({"text": text}) + "\n")
    return ["train", "--model", str(scratch / "model"), "--train-file", str(scratch / "rows.jsonl"),
            "--max-seq-length", str(options.length), "--batch-size", str(options.batch), "--iters",
            str(options.steps), "--rank", "8", "--target", "c_attn", "--base-dropout", "0",
            "--threads", "1", "--json", "--no-store"]


def step_seconds(options, launcher: list[str], flags: list[str], folder: Path) -> dict:
    environment = os.environ | {
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = [*launcher, str(options.lowrank), *flags, "--adapter-path", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    lines = [json.loads(line) for line in open(folder / "state/metrics.jsonl")]
    # The first steps make the plans of products and fetch the weights.
    steps = [line for line in lines if "loss" in line][2:]
    return {"seconds": statistics.median(line["seconds"] for line in steps),
            "tokens": steps[0]["input_tokens"],
            "parameters": json.loads(done.stdout)["trainable_parameters"]}


def measure(options, precision: str, flags: list[str], scratch: Path) -> dict:
    launchers = {1: [], options.ranks: ["mpirun", "-np", str(options.ranks)]}
    rounds = {ranks: [] for ranks in launchers}
    for number in range(options.rounds):
        for ranks, launcher in launchers.items():
            rounds[ranks].append(step_seconds(
                options, launcher, [*flags, "--precision", precision],
                scratch / f"{precision}-{ranks}-{number}"))
    rate = {ranks: statistics.median(r["tokens"] / r["seconds"] for r in all_)
            for ranks, all_ in rounds.items()}
    ratios = [alone["seconds"] / several["seconds"]
              for alone, several in zip(rounds[1], rounds[options.ranks])]
    return {"precision": precision, "ranks": options.ranks, "tokens_per_step": rounds[1][0]["tokens"],
            "trainable_parameters": rounds[1][0]["parameters"],
            "tokens_per_second": {str(r): rate[r] for r in rate},
            "ratio": statistics.median(ratios), "ratios": ratios,
            "seconds_of_one": statistics.median(r["seconds"] for r in rounds[1])}


def scaling(result: dict) -> list[dict]:
    rows = []
    size = 4 * result["trainable_parameters"]
    for ranks in (1, 2, 4, 8, 16, 32, 64):
        row = {"ranks": ranks, "bytes": round(2 * (ranks - 1) / ranks * size)}
        for name, (bandwidth, message) in LINKS.items():
            exchange = 2 * (ranks - 1) * (size / ranks / bandwidth + message)
            row[name] = ranks * result["seconds_of_one"] / (result["seconds_of_one"] + exchange)
        rows.append(row)
    return rows


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        flags = make_inputs(options, scratch)
        results = [measure(options, p, flags, scratch) for p in options.precision.split(",")]
    for result in results:
        print(f"{result['precision']}: {result['tokens_per_second']['1']:.0f} tokens/s in one process, "
              f"{result['tokens_per_second'][str(options.ranks)]:.0f} in {options.ranks}: "
              f"{result['ratio']:.2f}x")
    table = scaling(results[0])
    print("\n| ranks | MB a rank sends a step |" + "".join(f" {name} |" for name in LINKS))
    print("|---|---|" + "---|" * len(LINKS))
    for row in table:
        print(f"| {row['ranks']} | {row['bytes'] / 1e6:.2f} |"
              + "".join(f" {row[name]:.2f}x |" for name in LINKS))
    output = options.output or ROOT / f"Benchmarks/results/processes-{options.config.stem}.json"
    words = [Path(w).name if w == str(options.tokenizer) else w for w in sys.argv[1:]]
    words = [w for at, w in enumerate(words)
             if w != "--lowrank" and (at == 0 or words[at - 1] != "--lowrank")]
    output.write_text(json.dumps(dict(
        command=shlex.join(["python", "Benchmarks/processes.py", *words]), processor=processor(),
        links={name: {"bytes_per_second": b, "message_seconds": m} for name, (b, m) in LINKS.items()},
        results=results, scaling=table), indent=2) + "\n")


if __name__ == "__main__":
    main()
