"""The way back: an adapter trained on a GGUF file, run by llama.cpp.

    python Oracles/acceptance/gemma_llama_cpp.py --model FILE.gguf --assets DIR [--lowrank BIN] [--steps 40] [--work DIR]

Runs the three commands of the README: `train` on the GGUF, `convert --to gguf`, and llama.cpp (PyPI xllamacpp) with
the adapter. Compares greedy continuations of 20 tokens for 20 prompts of E2E, and the loss of the completions that
belong to them. llama.cpp rounds activations to 8 bits before products with packed weights, so two texts may part where
two tokens are nearly as likely: for each that parts, prints how far llama.cpp's own log-probabilities of the two tokens
are apart. Prints one JSON object; exit code 1 if fewer than 18 continuations are equal, one parts at more than 0.05, or
the losses differ by more than 0.02. Needs xllamacpp beside requirements.txt.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import xllamacpp

from peft_training import read_rows

PROMPTS, TOKENS, CANDIDATES, SEPARATOR = 20, 20, 4000, "\n"
ROOT = Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="Gemma 3 as a GGUF file")
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--lowrank", default=os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--work", type=Path, help="where the adapter stays, and is found again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(compare(options, options.work or Path(scratch)))


def compare(options, work: Path) -> int:
    rows, seen = [], set()
    for row in read_rows(options.assets / "data/e2e/test.jsonl"):
        if row["prompt"] not in seen and len(rows) < PROMPTS:
            rows.append(row)
        seen.add(row["prompt"])
    adapter, converted = work / "adapter", work / "adapter.gguf"
    if not adapter.exists():
        lowrank(options, "train", "--model", options.model, "--train-file",
                options.assets / "data/e2e/train.jsonl", "--separator", SEPARATOR, "--target", "all-linear", "--rank", 8,
                "--alpha", 16, "--learning-rate", "1e-3", "--batch-size", 8, "--iters", options.steps,
                "--adapter-path", adapter, "--no-store")
    lowrank(options, "convert", adapter, "--to", "gguf", "--model", options.model, "--output", converted, "--overwrite")
    ours = ours_of(options, adapter, rows)
    server = llama_cpp(options.model, converted)
    equal, gaps = 0, []
    for own in ours:
        theirs = greedy(server, own["prompt"])
        place = first_difference(own["ids"], theirs)
        if place is None:
            equal += 1
        else:
            gaps.append(gap(theirs[place], own["ids"][place]))
    losses = [loss(server, row) for row in ours]
    tokens = sum(len(row["completion_ids"]) for row in ours)
    result = dict(equal=equal, gaps=gaps, tokens=tokens,
                  loss_llama_cpp=sum(losses) / tokens, loss=sum(row["loss"] for row in ours) / tokens)
    print(json.dumps(result))
    apart = abs(result["loss_llama_cpp"] - result["loss"])
    return int(equal < 18 or any(gap > 0.05 for gap in gaps) or apart > 0.02)


def lowrank(options, *words) -> dict:
    done = subprocess.run([str(options.lowrank), *map(str, words), "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout or "{}")


def ours_of(options, adapter: Path, rows: list[dict]) -> list[dict]:
    """Our continuations, and the ids and the summed loss of each completion."""
    base = ["--model", options.model, "--adapter", adapter, "--precision", "f32"]
    prompts = [word for row in rows for word in ("--prompt", row["prompt"] + SEPARATOR)]
    found = lowrank(options, "generate", *base, *prompts, "--max-tokens", TOKENS)["completions"]
    results = []
    for row, completion in zip(rows, found):
        prompt = row["prompt"] + SEPARATOR
        scored = lowrank(options, "score", *base, "--text", prompt + row["completion"])
        start = len(lowrank(options, "score", *base, "--text", prompt)["ids"])
        results.append(dict(prompt=prompt, ids=completion["ids"], prompt_ids=scored["ids"][:start],
                            completion_ids=scored["ids"][start:], loss=-sum(scored["logprobs"][start:])))
    return results


def llama_cpp(model: Path, adapter: Path):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.n_ctx, parameters.warmup, parameters.verbosity = 1024, False, -1
    parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    return xllamacpp.Server(parameters)


def complete(server, prompt, tokens: int, candidates: int) -> list[dict]:
    answer = server.handle_completions(dict(
        prompt=prompt, max_tokens=tokens, temperature=0, n_probs=candidates, cache_prompt=True))
    return answer["choices"][0]["logprobs"]["content"]


def greedy(server, prompt: str) -> list[dict]:
    return complete(server, prompt, TOKENS, 20)


def first_difference(ours: list[int], theirs: list[dict]):
    """The first place where two continuations part; None if one is the other's beginning and both ended."""
    for place, (own, their) in enumerate(zip(ours, theirs)):
        if own != their["id"]:
            return place
    return None if len(ours) == len(theirs) or len(theirs) < TOKENS else len(ours)


def gap(step: dict, own: int) -> float:
    known = {token["id"]: token["logprob"] for token in step["top_logprobs"]}
    return step["logprob"] - known.get(own, float("-inf"))


def loss(server, row: dict) -> float:
    """The summed loss of a completion, a token at a time."""
    total, ids = 0.0, list(row["prompt_ids"])
    for wanted in row["completion_ids"]:
        step = complete(server, ids, 1, CANDIDATES)[0]
        known = {token["id"]: token["logprob"] for token in step["top_logprobs"]}
        total -= known.get(wanted, min(known.values()))
        ids.append(wanted)
    return total


if __name__ == "__main__":
    main()
