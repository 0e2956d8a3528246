"""Compares training on real rows of all lengths with full-length rows, and with PEFT's padding.

    python Benchmarks/rows_throughput.py --config Benchmarks/configs/gpt2-124m.json \
        --tokenizer DIR --rows instruct/alpaca_en_demo.json --batch 8 --length 512

Random weights of the configuration. Ours trains with `lowrank train` on the rows one by one, on
the rows packed (`--packing`), and on rows that all have `length` tokens; PEFT on the same rows in
padded batches, eager and compiled, with and without tcmalloc. Only real tokens count. The rest is
as in throughput.py. Writes Benchmarks/results/NAME.json.
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, TCMALLOC, Peer, processor, row, run_ours, table


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="a folder with tokenizer.json")
    parser.add_argument("--rows", type=Path, required=True, help="alpaca's rows, as .json")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=16, help="PEFT's batches of a round")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--peers", help="only the peers whose names contain this")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def make_model(options, folder: Path):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(options.config)
    config.eos_token_id = config.bos_token_id = config.vocab_size - 1
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    for file in options.tokenizer.glob("tokenizer*.json"):
        shutil.copy(file, folder / file.name)


def write_rows(options, folder: Path) -> dict[str, Path]:
    rows = json.loads(options.rows.read_text())[:options.batch * options.steps]
    real = [{"prompt": "\n".join(filter(None, [r["instruction"], r.get("input")])) + "\n",
             "completion": r["output"]} for r in rows]
    whole = " ".join(r["prompt"] + r["completion"] for r in real)
    # Long enough for `length` tokens of any tokenizer: rows are cut there.
    span = 8 * options.length
    full = [{"text": (whole[start:] + whole)[:span]}
            for start in range(0, len(whole), max(1, len(whole) // (2 * options.batch)))]
    files = {"rows": real, "full": full[:2 * options.batch]}
    for name, content in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in content))
    return {name: folder / f"{name}.jsonl" for name in files}


def measure(options, precision: str, scratch: Path) -> list[dict]:
    model = scratch / "model"
    make_model(options, model)
    files = write_rows(options, scratch)
    shared = ["train", "--model", str(model), "--precision", precision, "--rank", "8", "--target",
              "c_attn", "--base-dropout", "0", "--max-seq-length", str(options.length)]
    steps = str(options.steps)
    # A pack holds about as many tokens as a full-length row, so batches of packs are like batches of those.
    packs = str(max(1, options.batch // 2))
    kinds = {
        "LowRank": ["--train-file", str(files["rows"]), "--packing", "--batch-size", packs,
                    "--iters", steps],
        "LowRank, rows one by one": ["--train-file", str(files["rows"]), "--batch-size",
                                     str(options.batch), "--iters", steps],
        "LowRank, full-length rows": ["--train-file", str(files["full"]), "--batch-size", packs,
                                      "--iters", steps],
    }
    peers = []
    for kind in [precision] + ["autocast"] * (precision == "bf16"):
        for compiled in (False, True):
            for tcmalloc in (False, True) if TCMALLOC else (False,):
                name = ", ".join(["PEFT compiled" if compiled else "PEFT eager"]
                                 + ["autocast"] * (kind == "autocast") + ["tcmalloc"] * tcmalloc)
                if (options.peers or "") not in name:
                    continue
                peer = Peer(name, "peft_rows.py", [
                    "--model", str(model), "--rows", str(files["rows"]), "--batch",
                    str(options.batch), "--length", str(options.length), "--steps", steps,
                    "--precision", kind] + ["--compile"] * compiled, tcmalloc)
                peer.tokens = peer.answer()["step_tokens"]
                peers.append(peer)
    ours = {name: [] for name in kinds}
    for number in range(options.rounds):
        for name, flags in kinds.items():
            ours[name].append(run_ours(options.lowrank, [
                *shared, *flags, "--adapter-path", str(scratch / f"{number}-{name}")]))
        for peer in peers:
            peer.run(1)
    rows = []
    for name, runs in ours.items():
        # Batches of packs have other numbers of tokens than PEFT's: a second counts, not a step.
        for run in runs:
            run["step_seconds"] = 1 / run["tokens_per_second"]
        middle = sorted(runs, key=lambda r: r["step_seconds"])[len(runs) // 2]
        rows.append(middle | row(name, precision, runs, 1))
        rows[-1].pop("adapter", None)
    for peer in peers:
        rows.append(peer.finish() | row(peer.name, precision, peer.rounds, peer.tokens))
    return rows


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        rows = [r for precision in options.precision.split(",")
                for r in measure(options, precision, Path(scratch))]
    print(table(rows))
    output = options.output or ROOT / f"Benchmarks/results/{options.rows.stem}-{options.length}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    words = [Path(w).name if w in (str(options.tokenizer), str(options.rows)) else w
             for w in sys.argv[1:]]
    output.write_text(json.dumps(dict(
        command=shlex.join(["python", "Benchmarks/rows_throughput.py", *words]),
        processor=processor(), results=rows), indent=2) + "\n")


if __name__ == "__main__":
    main()
