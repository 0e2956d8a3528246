"""PEFT's side of the second acceptance run: a story teller learns to describe restaurants.

    python Oracles/acceptance/stories_e2e.py --assets DIR
        [--write-rows FILE] [--adapter OUT | --evaluate ADAPTER]

`stories260K` on `e2e`: all-linear, r 8, alpha 16, 1,000 steps of 16 rows. Prints as one JSON object
the validation loss before and after (over the first 512 rows of the validation file) and in how
many of 100 greedy outputs, for the first 100 different prompts of the test file, the restaurant's
name appears. `--evaluate` reports the same of an adapter that something else trained.
"""

import argparse
import json
import time
from pathlib import Path

import torch

from peft_training import Encoder, add_arguments, load, mean_loss, read_rows, train_or_load

VALID_ROWS, PROMPTS, LONGEST_ANSWER = 512, 100, 160


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, steps=1000, batch=16, rate=5e-3)
    parser.add_argument("--separator", default="", help="text between prompt and completion")
    parser.add_argument("--outputs", type=Path, help="where to write the generated texts")
    options = parser.parse_args()
    folder, data = options.assets / "models/stories260K", options.assets / "data/e2e"
    model = load(folder)
    encoder = Encoder(folder, model.config, options.separator)
    valid = read_rows(data / "valid.jsonl", VALID_ROWS)
    before = mean_loss(model, encoder, valid)
    start = time.perf_counter()
    model = train_or_load(model, encoder, read_rows(data / "train.jsonl"), options)
    seconds = time.perf_counter() - start

    prompts = list(dict.fromkeys(r["prompt"] for r in read_rows(data / "test.jsonl")))[:PROMPTS]
    answers = [answer(model, encoder, prompt) for prompt in prompts]
    named = sum(restaurant(p) in a for p, a in zip(prompts, answers))
    if options.outputs:
        options.outputs.write_text("".join(
            json.dumps(dict(prompt=p, output=a)) + "\n" for p, a in zip(prompts, answers)))
    print(json.dumps(dict(before=before, valid_loss=mean_loss(model, encoder, valid), named=named,
                          prompts=len(prompts), seconds=seconds)))


def restaurant(prompt: str) -> str:
    fields = dict(part.split(" : ", 1) for part in prompt.split(" | "))
    return fields["name"]


def answer(model, encoder: Encoder, prompt: str) -> str:
    ids = torch.tensor([encoder.tokenizer.encode(prompt + encoder.separator).ids])
    with torch.no_grad():
        output = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids),
                                max_new_tokens=LONGEST_ANSWER, do_sample=False,
                                pad_token_id=encoder.end)
    return encoder.tokenizer.decode(output[0, ids.shape[1]:].tolist())


if __name__ == "__main__":
    main()
