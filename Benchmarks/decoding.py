"""Compares generation on a GGUF file with llama.cpp (PyPI xllamacpp), in alternating rounds on one machine.

    python Benchmarks/decoding.py --model FILE.gguf [--rounds 5] [--lowrank BIN] [--output FILE]

One sequence: a prompt of 64 tokens is continued greedily by 128. `lowrank bench generate` measures its own run; llama.cpp's
figure is the one that its server reports of the same numbers of tokens. Prints one JSON object with the rates of every
round in tokens per second, their medians and the ratio. Needs xllamacpp beside requirements.txt.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from throughput import ROOT, processor

PROMPT, TOKENS = 64, 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lowrank", default=os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return print(json.dumps(llama_cpp(options.model)))
    rates = {"lowrank": [], "llama.cpp": []}
    for _ in range(options.rounds):
        rates["lowrank"].append(ours(options))
        # A process of its own: its threads would wait busily beside ours.
        peer = [sys.executable, __file__, "--peer", "--model", str(options.model)]
        rates["llama.cpp"].append(json.loads(subprocess.run(
            peer, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    result = dict(processor=processor(), model=options.model.name, prompt=PROMPT, tokens=TOKENS, rounds=rates,
                  tokens_per_second=medians, ratio=medians["lowrank"] / medians["llama.cpp"])
    text = json.dumps(result, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")


def ours(options) -> float:
    done = subprocess.run(
        [str(options.lowrank), "bench", "generate", "--model", str(options.model), "--prompt", str(PROMPT),
         "--tokens", str(TOKENS), "--rounds", "1", "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["tokens_per_second"]


def llama_cpp(model: Path) -> float:
    import xllamacpp
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.n_ctx, parameters.verbosity = 512, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = os.cpu_count()
    server = xllamacpp.Server(parameters)
    request = dict(prompt=list(range(1000, 1000 + PROMPT)), max_tokens=TOKENS, temperature=0, ignore_eos=True,
                   cache_prompt=False)
    for _ in range(2):  # once to warm up
        timings = server.handle_completions(request)["timings"]
    assert timings["predicted_n"] >= TOKENS - 1, timings
    return timings["predicted_per_second"]


if __name__ == "__main__":
    main()
