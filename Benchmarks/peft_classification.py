"""Measures LoRA training of a classifier with PEFT: real tokens per second and peak memory.

    python Benchmarks/peft_classification.py --config Benchmarks/configs/roberta-base.json \
        --batch 16 --length 128 --precision bf16 [--compile] [--steps 10]
    python Benchmarks/peft_classification.py --model DIR --rows sst2/train.tsv --batch 32 \
        [--grouped]

With --config: random weights of that architecture and one batch of random tokens. With --rows: the
first `steps` batches of a tab-separated file with the columns `sentence` and `label`, padded to the
longest of each batch; --grouped first sorts those rows by length. Padding does not count as tokens.
One pass over the batches is a round.

LoRA on queries and values with a trained classifier, no dropout, AdamW, SDPA attention, one thread
for each core. bf16 is a bf16 base with f32 factors, PEFT's default; autocast is an f32 base whose
products run in bf16. Prints one JSON object; `step_seconds` is the mean over the best half of the
rounds after two passes of warm-up, `peak_memory_bytes` the process's high-water mark.

With --serve each line `step N` on standard input is answered with `{"step_seconds": [...]}` of N
rounds, as peft_throughput.py does.
"""

import argparse
import contextlib
import os
import time
from pathlib import Path

START = time.perf_counter()

import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import AutoConfig, AutoModelForSequenceClassification  # noqa: E402

import peft_rounds  # noqa: E402

DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", help="a config.json, for random weights and tokens")
    source.add_argument("--model", type=Path, help="a model folder; needs --rows")
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--precision", choices=("f32", "bf16", "autocast"), default="bf16")
    parser.add_argument("--target", default="query,value")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--grouped", action="store_true", help="rows of like length in a batch")
    parser.add_argument("--rounds", type=int, default=4)
    peft_rounds.add_arguments(parser, batch=16, length=128, steps=10)
    options = parser.parse_args()
    if (options.model is None) != (options.rows is None):
        parser.error("--model and --rows go together")
    return options


def read_rows(path: Path, limit: int | None = None) -> list[tuple[str, int]]:
    """Texts and labels of a tab-separated file whose first line names the columns."""
    header, *lines = path.read_text().rstrip("\n").split("\n")
    assert header.split("\t") == ["sentence", "label"], header
    return [(text, int(label)) for text, label in (l.split("\t") for l in lines[:limit])]


class Padding:
    """Rows to batches, padded to the longest row of each."""

    def __init__(self, folder: Path, length: int):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(length)

    def encode(self, rows: list[tuple[str, int]]) -> list[tuple[list[int], int]]:
        texts = self.tokenizer.encode_batch([text for text, _ in rows])
        return [(e.ids, label) for e, (_, label) in zip(texts, rows)]

    @staticmethod
    def batch(rows: list[tuple[list[int], int]]) -> dict:
        pad = torch.nn.utils.rnn.pad_sequence
        ids = [torch.tensor(ids) for ids, _ in rows]
        return dict(
            input_ids=pad(ids, batch_first=True), labels=torch.tensor([label for _, label in rows]),
            attention_mask=pad([torch.ones_like(i) for i in ids], batch_first=True))


def random_batch(config, batch: int, length: int) -> dict:
    # Above the special tokens, so that none is taken for padding.
    return dict(input_ids=torch.randint(10, config.vocab_size, (batch, length)),
                labels=torch.randint(2, (batch,)), attention_mask=torch.ones(batch, length))


def make_batches(options, config) -> list[dict]:
    if options.config:
        return [random_batch(config, options.batch, options.length)] * options.steps
    padding = Padding(options.model, options.length)
    rows = padding.encode(read_rows(options.rows, options.batch * options.steps))
    if options.grouped:
        rows.sort(key=lambda row: len(row[0]))
    return [padding.batch(rows[i:i + options.batch])
            for i in range(0, len(rows), options.batch)]


def make_round(options):
    """Builds the model; returns a function that trains a round, and the tokens of one."""
    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    config = AutoConfig.from_pretrained(options.config or options.model, num_labels=2)
    for name in DROPOUTS:
        if hasattr(config, name):
            setattr(config, name, 0.0)
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    make = AutoModelForSequenceClassification
    model = (make.from_config(config, attn_implementation="sdpa", dtype=dtype) if options.config
             else make.from_pretrained(options.model, config=config, attn_implementation="sdpa",
                                       dtype=dtype))
    model = get_peft_model(model, LoraConfig(
        task_type="SEQ_CLS", r=options.rank, lora_alpha=2 * options.rank, lora_dropout=0.0,
        target_modules=options.target.split(","))).train()
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=2e-4, weight_decay=0.01)
    batches = make_batches(options, config)
    forward = torch.compile(model) if options.compile else model
    context = (lambda: torch.autocast("cpu", torch.bfloat16)
               if options.precision == "autocast" else contextlib.nullcontext())

    def round_() -> float:
        start = time.perf_counter()
        for batch in batches:
            with context():
                loss = forward(**batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return (time.perf_counter() - start) / len(batches)

    tokens = sum(int(b["attention_mask"].sum()) for b in batches) / len(batches)
    return round_, tokens


def main():
    options = arguments()
    round_, tokens = make_round(options)
    peft_rounds.measure(round_, options, start=START, tokens=tokens, batches=options.steps,
                        alone=options.rounds, compile=options.compile, grouped=options.grouped,
                        precision=options.precision)


if __name__ == "__main__":
    main()
