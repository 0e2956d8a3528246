"""What the peers that train real rows have in common: rounds over the same batches, timed on request or by themselves."""

import os
import sys
import time

import torch

from peft_throughput import WARM_UP, peak_memory, say


def measure(round_, options, *, start: float, tokens: float, batches: int, warm_up: int = WARM_UP,
            alone: int = 4, **facts):
    """Says how fast rounds are, as JSON.

    `round_` trains a round of `batches` batches and returns the seconds of one; `tokens` is the mean of a batch, `start` the
    time at which the program began. With `--serve`, a line `step N` asks for N rounds; without it, there are `alone`.
    """
    for _ in range(warm_up):
        round_()
    ready, times = time.perf_counter() - start, []
    if options.serve:
        say(ready=True, step_tokens=tokens)
        for line in sys.stdin:
            times += (latest := [round_() for _ in range(int(line.removeprefix("step")))])
            say(step_seconds=latest)
    else:
        times = [round_() for _ in range(alone)]
    best = sorted(times)[:(len(times) + 1) // 2]
    mean = sum(best) / len(best) if best else float("nan")
    say(tokens_per_second=tokens / mean, step_seconds=mean, step_tokens=tokens,
        peak_memory_bytes=peak_memory(), total_steps=(warm_up + len(times)) * batches,
        # Waiting for a driver is not the program's time.
        wall_seconds=ready + sum(times) * batches, torch=torch.__version__,
        allocator=os.environ.get("LD_PRELOAD") or "libc", **facts)


def add_arguments(parser, *, batch: int, steps: int, length: int = 512):
    """The flags of all of them."""
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--length", type=int, default=length, help="tokens of a row, at most")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--steps", type=int, default=steps, help="batches of a round")
    parser.add_argument("--serve", action="store_true")
