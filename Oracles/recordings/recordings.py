"""Records what a terminal shows of each long job, for Documentation/Recordings.md.

    LOWRANK_ASSETS=… python Oracles/recordings/recordings.py [--binary .build/release/lowrank] [--work DIR] > Documentation/Recordings.md

Models, data and adapters are those of LOWRANK_ASSETS, or random ones that are large enough for the work to take
seconds. The script fails if a line that is rewritten in place is wider than the terminal.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import torch
from wcwidth import wcswidth

from screen import record

ASSETS = Path(os.environ.get("LOWRANK_ASSETS", "../shared/assets"))
WIDTHS = (60, 120)
# Tells progress from a result that is half on the screen.
STATUS = re.compile(r" of [\d.]+ [A-Za-z]+|\d/\d+ |\d left|/s|  \d+:\d\d")


def random_llama(folder: Path, seed: int, base: Path | None = None):
    """A Llama of 50 M parameters with the tokenizer of stories260K; with a base, that base and small changes."""
    from transformers import LlamaConfig, LlamaForCausalLM
    torch.manual_seed(seed)
    if base:
        model = LlamaForCausalLM.from_pretrained(base)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "proj" in name:
                    weight += 1e-3 * torch.randn_like(weight)
    else:
        stories = json.loads((ASSETS / "models/stories260K/config.json").read_text())
        model = LlamaForCausalLM(LlamaConfig(
            vocab_size=stories["vocab_size"], hidden_size=768, intermediate_size=2048,
            num_hidden_layers=8, num_attention_heads=12, max_position_embeddings=512))
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        source = ASSETS / "models/stories260K" / name
        if source.exists():
            (folder / name).write_bytes(source.read_bytes())


def random_adapter(folder: Path, base: Path, seed: int):
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaForCausalLM
    torch.manual_seed(seed)
    model = get_peft_model(
        LlamaForCausalLM.from_pretrained(base),
        LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", init_lora_weights=False,
                   task_type="CAUSAL_LM"))
    model.save_pretrained(folder)


def random_bert(folder: Path):
    from transformers import BertConfig, BertModel
    torch.manual_seed(0)
    words = set((ASSETS / "data/sst2/train.tsv").read_text().lower().split())
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted(words)
    BertModel(BertConfig(
        vocab_size=len(vocabulary), hidden_size=256, num_hidden_layers=4, num_attention_heads=4,
        intermediate_size=1024)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')


class Jobs:
    def __init__(self, binary: Path, work: Path):
        self.binary, self.work = binary.resolve(), work
        self.environment = {"HF_HUB_OFFLINE": "1", "LOWRANK_RUNS": str(work / "runs.sqlite")}
        work.mkdir(parents=True, exist_ok=True)
        for name, source in [("stories", "models/stories260K"), ("e2e", "data/e2e"), ("sst2", "data/sst2")]:
            if not (work / name).exists():
                (work / name).symlink_to((ASSETS / source).resolve())
        rows = (work / "sst2/train.tsv").read_text().splitlines(keepends=True)
        (work / "reviews.tsv").write_text("".join(rows[:12001]))
        rows = (work / "e2e/valid.jsonl").read_text().splitlines(keepends=True)
        (work / "part.jsonl").write_text("".join(rows[:300]))

    def run(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.work, env=os.environ | self.environment,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def prepare(self):
        """Makes what is missing."""
        for name, make in [
            ("base", lambda p: random_llama(p, 1)), ("tuned", lambda p: random_llama(p, 2, self.work / "base")),
            ("first", lambda p: random_adapter(p, self.work / "base", 3)),
            ("second", lambda p: random_adapter(p, self.work / "base", 4)), ("bert", random_bert),
        ]:
            if not (self.work / name).exists():
                print(f"recordings: making {name}", file=sys.stderr)
                make(self.work / name)
        if not (self.work / "told").exists():
            self.run("train", "--model", "stories", "--data", "e2e", "--adapter-path", "told", "--iters", "200",
                     "--target", "all-linear")
        if not (self.work / "sentiment").exists():
            self.run("train", "--task", "classification", "--model", "bert", "--data", "sst2", "--adapter-path",
                     "sentiment", "--iters", "300")

    def show(self, title: str, *arguments, removes: str | None = None, environment=None):
        print(f"\n## {title}\n\n    lowrank {' '.join(arguments)}")
        for columns in WIDTHS:
            if removes:
                subprocess.run(["rm", "-rf", str(self.work / removes)], check=True)
            moments = [0.25 * quarter for quarter in range(1, 400)]
            result = record(
                ["env", "-C", str(self.work), str(self.binary), *arguments], columns, moments,
                environment=self.environment | (environment or {}))
            check(result.raw.decode(), columns)
            chosen = pick([(at, lines) for at, lines, live in result.moments if live and STATUS.search(lines[-1])])
            print(f"\n{columns} columns")
            for at, lines in chosen + [result.moments[-1][:2]]:
                print(f"\n{'at the end' if at is None else f'after {at:g} s'}\n\n```")
                shown = lines if len(lines) <= 14 else lines[:6] + ["(…)"] + lines[-7:]
                print("\n".join(shown) + "\n```")
            assert result.status == 0, result.moments[-1]


def kind(lines):
    """What the last line is about, whatever its numbers."""
    return re.sub(r"\d+", "#", lines[-1].split("  ")[0])


def pick(live):
    """The first moment of each activity, at most four, and one in the middle of the last."""
    chosen, seen = [], set()
    for at, lines in live:
        activity = kind(lines)
        if activity not in seen:
            seen.add(activity)
            chosen.append((at, lines))
    last = [moment for moment in live if kind(moment[1]) == activity] if live else []
    middle = last[len(last) // 2:][:1]
    return chosen[:4] + [moment for moment in middle if moment not in chosen[:4]]


def check(text: str, columns: int):
    """No state of the line that is rewritten fills the terminal."""
    for piece in text.split("\r")[1:]:
        if "\x1b[K" in piece:
            state = piece.split("\x1b[K")[0]
            assert wcswidth(state) < columns, (columns, state)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=Path(".build/release/lowrank"))
    parser.add_argument("--work", type=Path, default=Path(".build/recordings"))
    given = parser.parse_args()
    jobs = Jobs(given.binary, given.work)
    jobs.prepare()
    print(f"""# Recordings

What a terminal of {WIDTHS[0]} and of {WIDTHS[1]} columns shows of each long job, at some moments and at the end. On a
terminal the last line is rewritten in place and vanishes with the end of the work; in a file or pipe a plain line is
written after 10 s, 20 s, 40 s and so on. Made on two cores by `Oracles/recordings/recordings.py`, on stories260K,
E2E and SST-2 (`part.jsonl` and `reviews.tsv` are the first 300 and 12,000 rows of them), and on random models: `base` and
`tuned` are Llamas of 58 M parameters, `bert` is an encoder of 7 M.""")
    jobs.show("train", "train", "--model", "stories", "--data", "e2e", "--adapter-path", "new", "--iters", "150",
              "--eval-every", "75", removes="new")
    jobs.show("evaluate", "evaluate", "--model", "stories", "--adapter", "told", "--data", "e2e/valid.jsonl")
    jobs.show("evaluate, a classifier", "evaluate", "--model", "bert", "--adapter", "sentiment", "--data",
              "reviews.tsv")
    jobs.show("predict", "predict", "--model", "bert", "--adapter", "sentiment", "--data", "reviews.tsv",
              "--output", "said.csv", "--overwrite")
    jobs.show("embed", "embed", "--model", "bert", "--data", "reviews.tsv", "--text-column", "sentence",
              "--output", "vectors.jsonl", "--overwrite")
    jobs.show("merge", "merge", "--model", "base", "--adapter", "first", "--output", "merged", removes="merged")
    jobs.show("compress, a search", "compress", "told", "--output", "small", "--model", "stories", "--data",
              "part.jsonl", "--max-loss-increase", "1%", removes="small")
    jobs.show("compress, a sweep", "compress", "told", "--sweep", "--model", "stories", "--data", "part.jsonl",
              "--calibrate", "part.jsonl")
    jobs.show("analyze, intruder dimensions", "analyze", "first", "--model", "base", "--intruders")
    jobs.show("analyze, what an adapter does", "analyze", "told", "--model", "stories", "--data",
              "part.jsonl", "--ablate")
    jobs.show("extract", "extract", "--base", "base", "--tuned", "tuned", "--output", "extracted", removes="extracted")
    jobs.show("combine", "combine", "first", "second", "--mode", "ties_svd", "--density", "0.5", "--output",
              "combined", removes="combined")
    jobs.show("convert", "convert", "first", "--to", "gguf", "--model", "base", "--output", "first.gguf",
              "--overwrite")
    hub(jobs)


def hub(jobs: Jobs):
    """A download and an upload, with a hub on loopback that sends slowly."""
    oracles = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(oracles), str(oracles / "conformance")]
    os.environ.setdefault("LOWRANK_TEST_HUB", str(jobs.binary.parent / "lowrank-test-hub"))
    if not Path(os.environ["LOWRANK_TEST_HUB"]).exists():
        print("recordings: no lowrank-test-hub beside the program; pull is not recorded", file=sys.stderr)
        return
    os.environ.setdefault("LOWRANK", str(jobs.binary))
    from hub import Hub, TOKEN
    root = jobs.work / "hub"
    (root / "owner").mkdir(parents=True, exist_ok=True)
    if not (root / "owner/base").exists():
        subprocess.run(["cp", "-r", str(jobs.work / "base"), str(root / "owner/base")], check=True)
    with Hub(root) as server:
        server.fail(kind="drip", path="model.safetensors", amount=4_000_000, seconds=0.08)
        jobs.show("pull", "pull", "owner/base", removes="home",
                  environment={"HF_ENDPOINT": server.url, "HF_HOME": "home", "HF_HUB_OFFLINE": "0"})


if __name__ == "__main__":
    main()
