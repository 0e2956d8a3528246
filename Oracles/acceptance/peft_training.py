"""PEFT training as `lowrank train` defines it: the rows, the batches, the schedule, the losses.

A library for the scripts beside it. A `text` row is the tokenizer's output and the end-of-sequence
token; `prompt` and `completion` are joined as they are and tokenised together, and a token that
begins in the prompt is not trained on. The rows can be written in the order of training, so that
`lowrank train --no-shuffle --train-file` is given the same batches.
"""

import json
import random
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, get_linear_schedule_with_warmup
from transformers.utils import logging

logging.disable_progress_bar()
logging.set_verbosity_error()

DROPOUTS = ("attn_pdrop", "embd_pdrop", "resid_pdrop", "attention_dropout")


def add_arguments(parser, steps, batch, rate):
    parser.add_argument("--assets", type=Path, required=True, help="the folder of real models")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch, help="rows of a step")
    parser.add_argument("--learning-rate", type=float, default=rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write-rows", type=Path,
                        help="where to write the rows in the order of training, for --no-shuffle")
    parser.add_argument("--adapter", type=Path, help="where to save the adapter")
    parser.add_argument("--evaluate", type=Path, help="an adapter to evaluate instead of training")


def read_rows(path: Path, limit: int | None = None) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()[:limit]]


class Encoder:
    """Rows to token ids and labels (-100 where nothing is trained)."""

    def __init__(self, folder: Path, config, separator: str = ""):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.end, self.separator = config.eos_token_id, separator
        self.longest = config.max_position_embeddings

    def row(self, row: dict) -> tuple[list[int], list[int]]:
        prompt = row["prompt"] + self.separator if "prompt" in row else ""
        text = row["text"] if "text" in row else prompt + row["completion"]
        encoding = self.tokenizer.encode(text)
        ids = [*encoding.ids, self.end]
        # Tokens that the post-processor added have empty offsets at 0.
        labels = [i if first >= len(prompt) else -100
                  for i, (first, _) in zip(encoding.ids, encoding.offsets)] + [self.end]
        return ids[:self.longest], labels[:self.longest]

    def batch(self, rows: list[dict]) -> dict:
        pairs = [self.row(row) for row in rows]
        pad = torch.nn.utils.rnn.pad_sequence
        ids = [torch.tensor(i) for i, _ in pairs]
        return dict(
            input_ids=pad(ids, batch_first=True),
            labels=pad([torch.tensor(l) for _, l in pairs], batch_first=True, padding_value=-100),
            attention_mask=pad([torch.ones_like(i) for i in ids], batch_first=True))


def load(folder: Path, dropout: float | None = None, dtype=torch.float32):
    config = AutoConfig.from_pretrained(folder)
    for name in DROPOUTS:
        if dropout is not None and hasattr(config, name):
            setattr(config, name, dropout)
    return AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=dtype)


def batches(options, rows: list[dict]) -> list[list[dict]]:
    """The rows of each step, from shuffled epochs."""
    stream, generator = [], random.Random(options.seed)
    while len(stream) < options.steps * options.batch:
        stream += generator.sample(rows, len(rows))
    stream = stream[:options.steps * options.batch]
    if options.write_rows:
        options.write_rows.write_text("".join(json.dumps(row) + "\n" for row in stream))
    return [stream[i:i + options.batch] for i in range(0, len(stream), options.batch)]


def train(model, encoder: Encoder, rows: list[dict], options) -> PeftModel:
    """LoRA of rank 8 on all linear maps, AdamW, a linear decay without warm-up."""
    torch.manual_seed(options.seed)
    steps = batches(options, rows)
    model = get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear",
        fan_in_fan_out=model.config.model_type == "gpt2")).train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad],
                                  lr=options.learning_rate, weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, 0, len(steps))
    for step in steps:
        loss = model(**encoder.batch(step), use_cache=False).loss
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    if options.adapter:
        model.save_pretrained(options.adapter)
    return model.eval()


def train_or_load(model, encoder: Encoder, rows: list[dict], options) -> PeftModel:
    if options.evaluate:
        return PeftModel.from_pretrained(model, options.evaluate).eval()
    return train(model, encoder, rows, options)


def mean_loss(model, encoder: Encoder, rows: list[dict], batch: int = 64) -> float:
    """Natural log, the mean over all predicted tokens."""
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        for start in range(0, len(rows), batch):
            data = encoder.batch(rows[start:start + batch])
            tokens = (data["labels"][:, 1:] != -100).sum().item()
            total += model(**data, use_cache=False).loss.item() * tokens
            count += tokens
    return total / count
