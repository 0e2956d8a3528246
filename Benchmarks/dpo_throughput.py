"""Compares DPO with TRL at its best on the same pairs of answers.

    python Benchmarks/dpo_throughput.py --model hf --rows instruct/dpo_en_demo.json

The first `batch` · `steps` pairs that fit the length are sorted by it, so that TRL's batches need little padding. r 8,
all-linear, bf16, β 0.1; the reference is scored in each step by both. TRL runs with and without gradient checkpointing, each
also with tcmalloc where that is installed. Only real tokens count. The rest is as in throughput.py. Writes
Benchmarks/results/dpo-NAME.json.
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
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True, help="pairs of ShareGPT, as .json")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--steps", type=int, default=3, help="batches of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--name", default="gemma-3-270m")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--peers", help="only the peers whose names contain this")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def write_rows(options, file: Path) -> None:
    rows = [dict(prompt="\n".join(t["value"] for t in r["conversations"]) + "\n",
                 chosen=r["chosen"]["value"], rejected=r["rejected"]["value"])
            for r in json.loads(options.rows.read_text())]
    # About four characters are a token.
    rows = [r for r in rows if len(r["prompt"] + max(r["chosen"], r["rejected"], key=len))
            < 4 * options.length][:options.batch * options.steps]
    rows.sort(key=lambda r: len(r["prompt"] + r["chosen"] + r["rejected"]))
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.jsonl"
        write_rows(options, file)
        shared = ["--model", str(options.model), "--batch", str(options.batch), "--length",
                  str(options.length), "--steps", str(options.steps), "--rows", str(file)]
        peers = []
        for checkpointing in (False, True):
            for tcmalloc in (False, True) if TCMALLOC else (False,):
                name = "TRL" + ", checkpointing" * checkpointing + ", tcmalloc" * tcmalloc
                if (options.peers or "") not in name:
                    continue
                peer = Peer(name, "trl_dpo.py", shared + ["--checkpointing"] * checkpointing,
                            tcmalloc)
                peer.tokens = peer.answer()["step_tokens"]
                peers.append(peer)
        runs = []
        for number in range(options.rounds):
            runs.append(run_ours(options.lowrank, [
                "train", "--objective", "dpo", "--model", str(options.model), "--precision", "bf16",
                "--rank", "8", "--target", "all-linear", "--train-file", str(file), "--no-shuffle",
                "--batch-size", str(options.batch), "--iters", str(options.steps),
                "--max-seq-length", str(options.length), "--learning-rate", "1e-5",
                "--adapter-path", f"{scratch}/{number}"]))
            for peer in peers:
                peer.run(1)
        for run in runs:
            # Peers take the same batches, so that a step has their tokens.
            run["step_seconds"] = peers[0].tokens / run["tokens_per_second"]
            run.pop("adapter", None)
        middle = sorted(runs, key=lambda r: r["step_seconds"])[len(runs) // 2]
        rows = [middle | row("LowRank", "bf16", runs, 1)]
        for peer in peers:
            rows.append(peer.finish() | row(peer.name, "bf16", peer.rounds, peer.tokens))
    print(table(rows))
    output = options.output or ROOT / f"Benchmarks/results/dpo-{options.name}.json"
    output.write_text(json.dumps(dict(
        command="python Benchmarks/dpo_throughput.py", batch=options.batch,
        length=options.length, steps=options.steps, processor=processor(), results=rows),
        indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
