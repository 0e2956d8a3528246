"""Measures LoRA training of a decoder with PEFT on real rows, padded to the longest of each batch.

    python Benchmarks/peft_rows.py --model DIR --rows rows.jsonl --batch 8 --length 512 \
        --precision autocast [--compile] [--steps 10]

Rows are `prompt` and `completion`; the prompt is masked. Of a row with `text`, every token is labelled. The first `steps` batches of the file are
one round. Padding does not count as tokens. Flags and output are otherwise those of
peft_classification.py.
"""

import argparse
import contextlib
import json
import os
import time
from pathlib import Path

START = time.perf_counter()

import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM  # noqa: E402

import peft_rounds  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--precision", choices=("f32", "bf16", "autocast"), default="bf16")
    parser.add_argument("--target", default="c_attn")
    parser.add_argument("--compile", action="store_true")
    peft_rounds.add_arguments(parser, batch=8, steps=10)
    return parser.parse_args()


def batches(options, end: int) -> list[dict]:
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    rows = []
    for line in options.rows.read_text().splitlines()[:options.batch * options.steps]:
        row = json.loads(line)
        if "text" in row:
            rows.append(((tokenizer.encode(row["text"]).ids + [end])[:options.length], 0))
            continue
        prompt = tokenizer.encode(row["prompt"]).ids
        rest = tokenizer.encode(row["completion"], add_special_tokens=False).ids
        ids = (prompt + rest + [end])[:options.length]
        rows.append((ids, min(len(prompt), len(ids))))
    return [padded(rows[i:i + options.batch], end) for i in range(0, len(rows), options.batch)]


def padded(rows: list[tuple[list[int], int]], end: int) -> dict:
    pad = torch.nn.utils.rnn.pad_sequence
    ids = [torch.tensor(ids) for ids, _ in rows]
    labels = [torch.cat([torch.full((prompt,), -100), i[prompt:]])
              for i, (_, prompt) in zip(ids, rows)]
    return dict(input_ids=pad(ids, batch_first=True, padding_value=end),
                labels=pad(labels, batch_first=True, padding_value=-100),
                attention_mask=pad([torch.ones_like(i) for i in ids], batch_first=True))


def main():
    options = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    config = AutoConfig.from_pretrained(options.model)
    for name in ("embd_pdrop", "resid_pdrop", "attn_pdrop"):
        setattr(config, name, 0.0)
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(
        options.model, config=config, attn_implementation="sdpa", dtype=dtype)
    model = get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM", r=options.rank, lora_alpha=2 * options.rank, lora_dropout=0.0,
        fan_in_fan_out=config.model_type == "gpt2",
        target_modules=options.target if options.target == "all-linear"
        else options.target.split(","))).train()
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=2e-4, weight_decay=0)
    work = batches(options, config.eos_token_id)
    forward = torch.compile(model) if options.compile else model
    context = (lambda: torch.autocast("cpu", torch.bfloat16)
               if options.precision == "autocast" else contextlib.nullcontext())

    def round_() -> float:
        start = time.perf_counter()
        for batch in work:
            with context():
                loss = forward(**batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return (time.perf_counter() - start) / len(work)

    # The last token of a row predicts nothing, so ours does not count it either.
    tokens = sum(int(b["attention_mask"].sum()) - len(b["input_ids"]) for b in work) / len(work)
    peft_rounds.measure(round_, options, start=START, tokens=tokens, batches=len(work),
                        compile=options.compile, precision=options.precision)


if __name__ == "__main__":
    main()
