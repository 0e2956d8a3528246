"""Measures DPO with TRL and PEFT on pairs of answers, padded to the longest sequence of each batch.

    python Benchmarks/trl_dpo.py --model DIR --rows rows.jsonl --batch 4 --length 512 [--checkpointing] [--steps 4]

Rows are `prompt`, `chosen` and `rejected`. The model is in bf16, the factors are in f32, the reference is the model without
the adapter, and the head is TRL's fused one. The first `steps` batches of the file are one round. Padding does not count
as tokens. Output is that of peft_rows.py.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

START = time.perf_counter()

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from peft import LoraConfig  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402
from trl import DPOConfig, DPOTrainer  # noqa: E402

import peft_rounds  # noqa: E402
import peft_throughput  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--checkpointing", action="store_true")
    peft_rounds.add_arguments(parser, batch=4, steps=4)
    return parser.parse_args()


def trainer(options, scratch: str) -> DPOTrainer:
    rows = [json.loads(line) for line in options.rows.read_text().splitlines()]
    model = AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.bfloat16, attn_implementation="sdpa")
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return DPOTrainer(model, args=DPOConfig(
        output_dir=scratch, report_to="none", use_cpu=True, bf16=False, beta=0.1,
        max_length=options.length, gradient_checkpointing=options.checkpointing,
        per_device_train_batch_size=options.batch),
        train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
        peft_config=LoraConfig(
            task_type="CAUSAL_LM", r=options.rank, lora_alpha=2 * options.rank, lora_dropout=0.0,
            target_modules="all-linear"))


def main():
    options = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory() as scratch:
        made = trainer(options, scratch)
    model = made.model.train()
    data = made.train_dataset
    count = min(len(data), options.batch * options.steps)
    work = [made.data_collator([data[i] for i in range(start, start + options.batch)])
            for start in range(0, count, options.batch)]
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=1e-5, weight_decay=0)

    def round_() -> float:
        start = time.perf_counter()
        for batch in work:
            made.compute_loss(model, dict(batch)).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return (time.perf_counter() - start) / len(work)

    # The last token of a sequence predicts nothing, so ours does not count it either.
    tokens = sum(int(b["attention_mask"].sum()) - len(b["input_ids"]) for b in work) / len(work)
    peft_rounds.measure(round_, options, start=START, tokens=tokens, batches=len(work), warm_up=1,
                        alone=1, precision="bf16")


if __name__ == "__main__":
    # What TRL prints must not be taken for an answer.
    peft_throughput.ANSWERS, sys.stdout = sys.stdout, sys.stderr
    main()
