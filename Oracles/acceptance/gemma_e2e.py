"""PEFT's side of the run on Gemma 3: a real decoder learns to describe restaurants.

    python Oracles/acceptance/gemma_e2e.py --model DIR --assets DIR
        [--write-rows FILE] [--adapter OUT | --evaluate ADAPTER] [--outputs FILE]

`hf/` of Gemma 3 270M on `e2e` in bf16: all-linear, r 8, alpha 16, 300 steps of 16 rows. Prints as one JSON object the
validation loss before and after (over the first 512 rows of the validation file) and BLEU of greedy outputs for the first
100 different prompts of the test file, all their completions being references. `--outputs` writes the texts; `--score FILE`
gives BLEU of texts that something else wrote, one JSON object with `prompt` and `output` a line. Needs sacrebleu beside
requirements.txt.
"""

import argparse
import json
import time
from pathlib import Path

import sacrebleu
import torch

from peft_training import Encoder, add_arguments, load, mean_loss, read_rows, train_or_load

VALID_ROWS, PROMPTS, LONGEST_ANSWER = 512, 100, 80


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, steps=300, batch=16, rate=1e-3)
    parser.add_argument("--model", type=Path, required=True, help="Gemma 3 as a folder")
    parser.add_argument("--separator", default="\n", help="text between prompt and completion")
    parser.add_argument("--outputs", type=Path, help="where to write the generated texts")
    parser.add_argument("--score", type=Path, help="texts to give BLEU of, instead of training")
    options = parser.parse_args()
    data = options.assets / "data/e2e"
    references = {}
    for row in read_rows(data / "test.jsonl"):
        references.setdefault(row["prompt"], []).append(row["completion"])
    prompts = list(references)[:PROMPTS]
    if options.score:
        outputs = {r["prompt"].removesuffix(options.separator): r["output"]
                   for r in read_rows(options.score)}
        return print(json.dumps(dict(bleu=bleu([outputs[p] for p in prompts],
                                               [references[p] for p in prompts]))))
    model = load(options.model, dtype=torch.bfloat16)
    encoder = Encoder(options.model, model.config, options.separator)
    valid = read_rows(data / "valid.jsonl", VALID_ROWS)
    before = mean_loss(model, encoder, valid, batch=16)
    start = time.perf_counter()
    model = train_or_load(model, encoder, read_rows(data / "train.jsonl"), options)
    seconds = time.perf_counter() - start
    after = mean_loss(model, encoder, valid, batch=16)
    answers = [answer(model, encoder, prompt) for prompt in prompts]
    if options.outputs:
        options.outputs.write_text("".join(
            json.dumps(dict(prompt=p, output=a)) + "\n" for p, a in zip(prompts, answers)))
    print(json.dumps(dict(before=before, valid_loss=after, seconds=seconds,
                          bleu=bleu(answers, [references[p] for p in prompts]))))


def bleu(outputs: list[str], references: list[list[str]]) -> float:
    """Corpus BLEU; a prompt with fewer references than another repeats its first."""
    most = max(map(len, references))
    columns = [[r[i] if i < len(r) else r[0] for r in references] for i in range(most)]
    return sacrebleu.corpus_bleu([o.strip() for o in outputs], columns).score


def answer(model, encoder: Encoder, prompt: str) -> str:
    ids = torch.tensor([encoder.tokenizer.encode(prompt + encoder.separator).ids])
    with torch.no_grad():
        output = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids),
                                max_new_tokens=LONGEST_ANSWER, do_sample=False,
                                eos_token_id=encoder.end, pad_token_id=encoder.end)
    return encoder.tokenizer.decode(output[0, ids.shape[1]:].tolist())


if __name__ == "__main__":
    main()
