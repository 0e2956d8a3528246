"""Compares training a classifier with PEFT at its best, interleaved in one session.

    python Benchmarks/encoder_throughput.py --config Benchmarks/configs/roberta-base.json \
        --batch 16 --length 128 --precision bf16,f32
    python Benchmarks/encoder_throughput.py --model MINILM --rows sst2/train.tsv --batch 32

With --config both sides train random weights on one batch of random tokens (`lowrank bench train`).
With --model and --rows they train on the first `steps` batches of a file: ours with `lowrank
train`, several passes over them; PEFT with rows of like length in one batch, which costs it least
padding.
Only real tokens count.

The rest is as in throughput.py: the peers are warm and wait, a round runs ours and each peer once,
figures are medians over quiet rounds. In bf16 PEFT is also run as an f32 base under autocast.
Writes Benchmarks/results/NAME.json.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, TCMALLOC, Peer, processor, row, run_ours, table

SCRIPT = "peft_classification.py"
PASSES = 8  # of ours over the rows in a round, so that its first steps weigh little


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path)
    source.add_argument("--model", type=Path, help="a model folder; needs --rows")
    parser.add_argument("--rows", type=Path, help="a .tsv with the columns sentence and label")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128, help="tokens of a row, at most")
    parser.add_argument("--precision", default="bf16,f32")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--target", default="query,value")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="batches of a round (3, or 20 of --rows)")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--peers", help="only the peers whose names contain this")
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if (options.model is None) != (options.rows is None):
        parser.error("--model and --rows go together")
    options.steps = options.steps or (20 if options.rows else 3)
    return options


def peers(options, precision: str) -> list[Peer]:
    """PEFT eager and compiled, with and without tcmalloc; warmed up one after the other."""
    flags = ["--batch", options.batch, "--length", options.length, "--rank", options.rank,
             "--target", options.target, "--steps", options.steps]
    flags += (["--config", options.config] if options.config
              else ["--model", options.model, "--rows", options.rows, "--grouped"])
    result = []
    for kind in [precision] + ["autocast"] * (precision == "bf16"):
        for compiled in (False, True):
            for tcmalloc in (False, True) if TCMALLOC else (False,):
                name = ", ".join(["PEFT compiled" if compiled else "PEFT eager"]
                                 + ["autocast"] * (kind == "autocast") + ["tcmalloc"] * tcmalloc)
                if (options.peers or "") in name:
                    peer = Peer(name, SCRIPT, [*map(str, flags), "--precision", kind]
                                + ["--compile"] * compiled, tcmalloc)
                    peer.tokens = peer.answer()["step_tokens"]
                    result.append(peer)
    return result


class Ours:
    """Our program on the same work."""

    def __init__(self, options, precision: str, scratch: Path):
        self.options, self.scratch = options, scratch
        shared = ["--precision", precision, "--rank", str(options.rank), "--target", options.target]
        if options.config:
            self.arguments = ["bench", "train", "--config",
                              str(options.config), "--batch", str(options.batch),
                              "--length", str(options.length), *shared]
            return
        lines = options.rows.read_bytes().split(b"\n")
        rows = scratch / "train.tsv"
        rows.write_bytes(b"\n".join(lines[:1 + options.batch * options.steps]) + b"\n")
        self.arguments = [
            "train", "--task", "classification", "--model", str(options.model),
            "--train-file", str(rows), "--text-column", "sentence", "--label-column", "label",
            "--batch-size", str(options.batch), "--iters", str(PASSES * options.steps),
            "--max-seq-length", str(options.length), "--weight-decay", "0.01",
            "--base-dropout", "0", *shared]

    def run(self, number: int) -> dict:
        if self.options.config:
            return run_ours(self.options.lowrank, self.arguments)
        return run_ours(self.options.lowrank, [
            *self.arguments, "--adapter-path", str(self.scratch / f"adapter-{number}")])


def measure(options, precision: str) -> list[dict]:
    waiting, ours = peers(options, precision), []
    with tempfile.TemporaryDirectory() as scratch:
        program = Ours(options, precision, Path(scratch))
        for number in range(options.rounds):
            if not options.peers_only:
                ours.append(program.run(number))
            for peer in waiting:
                peer.run(1)
    tokens = waiting[0].tokens if waiting else options.batch * options.length
    rows = []
    if ours:
        for run in ours:
            run.setdefault("step_seconds", tokens / run["tokens_per_second"])
        # Each round is a whole run: the run of median speed stands for the other figures.
        middle = sorted(ours, key=lambda r: r["step_seconds"])[len(ours) // 2]
        rows.append(middle | row("LowRank", precision, ours, tokens))
        rows[-1]["peak_memory_bytes"] = max(r["peak_memory_bytes"] for r in ours)
        rows[-1].pop("adapter", None)
    for peer in waiting:
        rows.append(peer.finish() | row(peer.name, precision, peer.rounds, peer.tokens))
    return rows


def main():
    options = arguments()
    if not options.peers_only and not options.lowrank.exists():
        sys.exit(f"{options.lowrank} is missing: swift build -c release --product lowrank")
    if not TCMALLOC:
        print("tcmalloc is missing, and the peer slower without: apt-get install "
              "libtcmalloc-minimal4", file=sys.stderr)
    rows = [r for precision in options.precision.split(",") for r in measure(options, precision)]
    print(table(rows))
    for r in rows:
        if not r["quiet_rounds"]:
            print(f"{r['precision']} {r['name']}: other programs were busy in every round; "
                  "measure again on a quiet machine", file=sys.stderr)
    name = (f"{options.config.stem}-{options.batch}x{options.length}" if options.config
            else f"minilm-sst2-{options.batch}")
    output = options.output or ROOT / f"Benchmarks/results/{name}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    # Where files lie on this machine is nobody's concern.
    words = [Path(w).name if w in (str(options.model), str(options.rows)) else w
             for w in sys.argv[1:]]
    command = shlex.join(["python", "Benchmarks/encoder_throughput.py", *words])
    output.write_text(json.dumps(dict(command=command, processor=processor(), results=rows),
                                 indent=2) + "\n")


if __name__ == "__main__":
    main()
