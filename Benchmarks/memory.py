"""Compares the memory that `lowrank train` predicts, keeps to and takes, in runs of several shapes.

    python Benchmarks/memory.py --assets DIR [--minilm DIR] [--gemma DIR] [--only NAME,...]

For every run it asks `--dry-run` for the predicted peak, measures the peak of the run, finds the smallest
`--memory-limit` that the program accepts, and measures the peak of the run with that limit. Peaks are the largest
resident set of the process (VmHWM), as the run itself reports it. DIR of --assets holds models/stories260K,
tokenizers/gpt2, data/e2e, data/instruct, data/rte and data/tinyshakespeare; models of other shapes get random weights.
Runs whose models are not given are left out. Prints the table of Documentation/Results.md and writes
Benchmarks/results/memory.json.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from throughput import ROOT, processor

LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_attention_heads": 8,
    "num_key_value_heads": 4, "vocab_size": 512, "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5, "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, help="all-MiniLM-L6-v2")
    parser.add_argument("--gemma", type=Path, help="Gemma 3 270M")
    parser.add_argument("--only", help="names of runs with commas")
    parser.add_argument("--scale", type=float, default=1, help="a factor for the numbers of steps")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/memory.json")
    return parser.parse_args()


def random_model(folder: Path, config: dict, tokenizer: Path) -> Path:
    """A model with random weights in f32, in the folder of its tokenizer's files."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    torch.manual_seed(0)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    for file in tokenizer.glob("tokenizer*"):
        shutil.copyfile(file, folder / file.name)
    return folder


def head(source: Path, target: Path, count: int) -> Path:
    with open(source) as lines:
        target.write_text("".join(line for _, line in zip(range(count), lines)))
    return target


def long_rows(text: Path, target: Path, count: int) -> Path:
    """Rows of a text, from a few hundred to some ten thousand characters."""
    content = text.read_text()
    with open(target, "w") as rows:
        for row in range(count):
            length = 300 + row * 7919 % 9000
            start = row * 104729 % (len(content) - length)
            rows.write(json.dumps({"text": content[start:start + length]}) + "\n")
    return target


def runs(options, scratch: Path) -> dict:
    """The flags and the number of steps of each run, by name."""
    data = options.assets / "data"
    stories = options.assets / "models/stories260K"
    e2e = ["--train-file", data / "e2e/train.jsonl",
           "--valid-file", head(data / "e2e/valid.jsonl", scratch / "valid.jsonl", 300)]
    makers = {}

    def language_model():
        return 1500, ["--model", stories, *e2e, "--batch-size", 16, "--target", "all-linear"]

    def chat():
        config = LLAMA | {"hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 10}
        model = random_model(scratch / "chat", config, stories)
        return 200, ["--model", model, "--train-file", data / "instruct/alpaca_en_demo.json",
                     "--valid-share", "0.05", "--chat-template", "chatml", "--batch-size", 4,
                     "--max-seq-length", 1024, "--target", "all-linear"]

    def pairs():
        return 400, ["--model", options.minilm, "--task", "classification", "--train-file",
                     data / "rte/train.tsv", "--valid-file", data / "rte/dev.tsv",
                     "--batch-size", 16]

    def long():
        config = LLAMA | {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 10}
        model = random_model(scratch / "long", config, stories)
        text = data / "tinyshakespeare/input.txt"
        return 100, ["--model", model, "--train-file", long_rows(text, scratch / "l.jsonl", 200),
                     "--valid-file", long_rows(text, scratch / "lv.jsonl", 8), "--batch-size", 2,
                     "--max-seq-length", 4096, "--grad-checkpointing"]

    def gpt2():
        config = json.loads((ROOT / "Benchmarks/configs/gpt2-124m.json").read_text())
        model = random_model(scratch / "gpt2", config, options.assets / "tokenizers/gpt2")
        return 200, ["--model", model, *e2e, "--batch-size", 8, "--target", "c_attn"]

    def gemma():
        return 200, ["--model", options.gemma, *e2e, "--batch-size", 4]

    def gemma_classes():
        return 300, ["--model", options.gemma, "--task", "classification", "--train-file",
                     data / "rte/train.tsv", "--valid-file", data / "rte/dev.tsv",
                     "--batch-size", 4]

    makers |= {"language model": language_model, "chat": chat, "long rows": long, "GPT-2 124M": gpt2}
    if options.minilm:
        makers["pairs"] = pairs
    if options.gemma:
        makers |= {"Gemma 3 270M": gemma, "Gemma 3 270M classes": gemma_classes}
    wanted = options.only.split(",") if options.only else list(makers)
    for name in wanted:
        steps, flags = makers[name]()
        steps = max(4, round(steps * options.scale))
        yield name, steps, [str(flag) for flag in flags] + [
            "--iters", str(steps), "--eval-every", str(max(1, steps // 2)),
            "--save-every", str(max(1, steps // 4))]


def train(options, flags: list[str], scratch: Path) -> tuple[int, dict, str]:
    """The exit code of a run, its result and its messages."""
    command = [options.lowrank, "train", *flags, "--adapter-path", scratch / "adapter",
               "--overwrite", "--json", "--store",
               scratch / "runs.sqlite"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


LEAST = re.compile(r"--memory-limit (\d+)MB or more")


def smallest_limit(options, flags: list[str], scratch: Path) -> int:
    """The smallest limit in whole megabytes that is not refused."""
    code, _, errors = train(options, [*flags, "--memory-limit", "1MB"], scratch)
    found = LEAST.search(errors)
    if code != 2 or not found:
        sys.exit(errors)
    limit = int(found[1])
    while True:
        code, *_ = train(options, [*flags, "--dry-run", "--memory-limit", f"{limit - 1}MB"], scratch)
        if code:
            return limit
        limit -= 1


def measure(options, name: str, steps: int, flags: list[str], scratch: Path) -> dict:
    def run(flags):
        code, result, errors = train(options, flags, scratch)
        if code:
            sys.exit(f"{name}: {errors}")
        return result

    plan = run([*flags, "--dry-run"])
    whole = run(flags)
    limit = smallest_limit(options, flags, scratch)
    code, limited, errors = train(options, [*flags, "--memory-limit", f"{limit}MB"], scratch)
    if code == 2 and (found := LEAST.search(errors)):
        # What activations take is measured, and differs by a few megabytes from one measurement to the next.
        limit = int(found[1])
        limited = run([*flags, "--memory-limit", f"{limit}MB"])
    elif code:
        sys.exit(f"{name}: {errors}")
    return {"run": name, "steps": steps, "predicted": plan["memory_bytes"],
            "peak": whole["peak_memory_bytes"], "limit": limit * 1_000_000,
            "limited_peak": limited["peak_memory_bytes"]}


def main():
    options = arguments()
    results = []
    print("| run | steps | predicted | measured | ratio | smallest limit | measured | of it |\n" + 8 * "|---" + "|")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for run in runs(options, scratch):
            result = measure(options, *run, scratch)
            results.append(result)
            planned, peak = result["predicted"]["total"], result["peak"]
            limit, limited = result["limit"], result["limited_peak"]
            options.output.write_text(json.dumps(
                {"processor": processor(), "runs": results}, indent=2) + "\n")
            print(f"| {result['run']} | {result['steps']} | {planned / 1e6:.0f} | {peak / 1e6:.0f} | "
                  f"{planned / peak:.3f} | {limit / 1e6:.0f} | {limited / 1e6:.1f} | {limited / limit:.3f} |", flush=True)


if __name__ == "__main__":
    main()
