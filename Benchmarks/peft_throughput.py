"""Measures LoRA training with PEFT: seconds per step, tokens per second and peak memory.

    python Benchmarks/peft_throughput.py --config Benchmarks/configs/gpt2-124m.json \
        --batch 4 --length 256 --precision bf16 --rank 8 --target c_attn [--compile] [--steps 10]

Random weights of that architecture, one batch of random tokens with every position labelled, no
dropout, AdamW on the adapter, SDPA attention, one thread for each core. bf16 means a bf16 base with
f32 adapters, PEFT's default. Prints one JSON object on standard output; `step_seconds` is the
median after two warm-up steps, `peak_memory_bytes` the process's high-water mark.

With --serve it warms up, prints `{"ready": true}`, and then answers each line `step N` on standard
input with `{"step_seconds": [...]}`, so that a driver can interleave several processes. The final
object follows the end of the input.

PyTorch's host allocator is faster when replaced: LD_PRELOAD=libtcmalloc_minimal.so.4 (Debian's
libtcmalloc-minimal4). --compile needs a C++ compiler.
"""

import argparse
import json
import os
import statistics
import sys
import time

START = time.perf_counter()

import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM  # noqa: E402

WARM_UP = 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="a config.json")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--precision", choices=("f32", "bf16"), default="bf16")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--target", default="all-linear", help="names with commas, or all-linear")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--json", action="store_true", help="accepted: the output is always JSON")
    return parser.parse_args()


def make_step(options):
    """Builds the model and returns a function that makes one training step."""
    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    config = AutoConfig.from_pretrained(options.config)
    for name in ("attn_pdrop", "embd_pdrop", "resid_pdrop", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    model = AutoModelForCausalLM.from_config(
        config, attn_implementation="sdpa",
        dtype=torch.bfloat16 if options.precision == "bf16" else torch.float32)
    target = options.target if options.target == "all-linear" else options.target.split(",")
    model = get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM", r=options.rank, lora_alpha=2 * options.rank, lora_dropout=0.0,
        target_modules=target, fan_in_fan_out=config.model_type == "gpt2")).train()
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=2e-4, weight_decay=0.0)
    ids = torch.randint(config.vocab_size, (options.batch, options.length))
    forward = torch.compile(model) if options.compile else model

    def step() -> float:
        start = time.perf_counter()
        loss = forward(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return time.perf_counter() - start

    return step


def peak_memory() -> int:
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


# Where answers go; None for standard output.
ANSWERS = None


def say(**values):
    print(json.dumps(values), file=ANSWERS, flush=True)


def main():
    options = arguments()
    step = make_step(options)
    for _ in range(WARM_UP):
        step()
    ready = time.perf_counter() - START
    times = []
    if options.serve:
        say(ready=True)
        for line in sys.stdin:
            count = int(line.removeprefix("step"))
            times += (latest := [step() for _ in range(count)])
            say(step_seconds=latest)
    else:
        times = [step() for _ in range(options.steps)]
    median = statistics.median(times) if times else float("nan")
    say(tokens_per_second=options.batch * options.length / median, step_seconds=median,
        peak_memory_bytes=peak_memory(), total_steps=WARM_UP + len(times),
        # Waiting for a driver is not the program's time.
        wall_seconds=ready + sum(times), torch=torch.__version__, compile=options.compile,
        allocator=os.environ.get("LD_PRELOAD") or "libc", precision=options.precision)


if __name__ == "__main__":
    main()
