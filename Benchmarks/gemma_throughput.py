"""Compares training Gemma 3 on E2E from a folder in bf16 and from a GGUF file with PEFT at its best.

    python Benchmarks/gemma_throughput.py --model hf --gguf gemma-3-270m-q4_k_m.gguf \
        --rows e2e/train.jsonl [--labels all]

The first `batch` · `steps` rows are sorted by length, so that PEFT's batches need little padding. r 8, all-linear, bf16. With
`--labels completion`, prompts are masked. Only real tokens count. The rest is as in throughput.py. Writes
Benchmarks/results/gemma-3-270m-LABELS.json.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, TCMALLOC, Peer, processor, row, run_ours, table


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="Gemma 3 as a folder")
    parser.add_argument("--gguf", type=Path, required=True, help="the same model as a GGUF file")
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--labels", choices=("completion", "all"), default="completion")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=8, help="batches of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--peers", help="only the peers whose names contain this")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def write_rows(options, file: Path) -> None:
    rows = [json.loads(line) for line in
            options.rows.read_text().splitlines()[:options.batch * options.steps]]
    rows.sort(key=lambda r: len(r["prompt"] + r["completion"]))
    for r in rows:
        r["prompt"] += "\n"
    if options.labels == "all":
        rows = [{"text": r["prompt"] + r["completion"]} for r in rows]
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.jsonl"
        write_rows(options, file)
        peers = []
        for compiled in (False, True):
            for tcmalloc in (False, True) if TCMALLOC else (False,):
                name = ("PEFT compiled" if compiled else "PEFT eager") + ", tcmalloc" * tcmalloc
                if (options.peers or "") not in name:
                    continue
                peer = Peer(name, "peft_rows.py", [
                    "--model", str(options.model), "--rows", str(file), "--batch",
                    str(options.batch), "--steps", str(options.steps), "--target", "all-linear",
                    "--precision", "bf16"] + ["--compile"] * compiled, tcmalloc)
                peer.tokens = peer.answer()["step_tokens"]
                peers.append(peer)
        ours = {"LowRank": options.model, "LowRank, GGUF": options.gguf}
        runs = {name: [] for name in ours}
        for number in range(options.rounds):
            for name, model in ours.items():
                runs[name].append(run_ours(options.lowrank, [
                    "train", "--model", str(model), "--precision", "bf16", "--rank", "8",
                    "--target", "all-linear", "--train-file", str(file), "--no-shuffle",
                    "--batch-size", str(options.batch), "--iters", str(options.steps),
                    "--adapter-path", f"{scratch}/{number}-{len(name)}"]))
            for peer in peers:
                peer.run(1)
        rows = []
        for name, done in runs.items():
            for run in done:
                run["step_seconds"] = 1 / run["tokens_per_second"]
            middle = sorted(done, key=lambda r: r["step_seconds"])[len(done) // 2]
            rows.append(middle | row(name, "bf16", done, 1))
            rows[-1].pop("adapter", None)
        for peer in peers:
            rows.append(peer.finish() | row(peer.name, "bf16", peer.rounds, peer.tokens))
    print(table(rows))
    output = options.output or ROOT / f"Benchmarks/results/gemma-3-270m-{options.labels}.json"
    output.write_text(json.dumps(dict(
        command=f"python Benchmarks/gemma_throughput.py --labels {options.labels}",
        processor=processor(), results=rows), indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
