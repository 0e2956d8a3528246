"""Many adapters under load: greedy answers of `lowrank serve` equal those of each adapter alone.

    python Benchmarks/serving_load.py --model ../shared/assets/models/stories260K

Makes adapters of ranks 1 to 64, asks the generator for the greedy answers of each alone, then lets clients ask the server
for them at random times while others give up, adapters are reloaded, and a small budget evicts them. An answer may differ
only where the two best log-probabilities of the answer alone lie closer than 1e-4. `--seconds 600` spreads the questions over ten
minutes; without it, they come as fast as they are answered. Prints one JSON object; exit code 1 where an answer is wrong, more than
0.1 % differ, or memory grew by more than 5 % behind the first fifth of the time.
"""

import argparse
import asyncio
import json
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx2 as httpx
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parents[1]


def make_adapters(model: Path, folder: Path, count: int):
    """Adapters of ranks 1 to `count`, on all linear maps, each with its own random update."""
    for number in range(count):
        base = AutoModelForCausalLM.from_pretrained(model)
        torch.manual_seed(number)
        rank = number + 1
        adapted = get_peft_model(base, LoraConfig(
            r=rank, lora_alpha=rank, target_modules="all-linear"))
        for name, value in adapted.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(value, std=0.08 / rank ** 0.5)
        adapted.save_pretrained(folder / f"r{rank}")


def offline(binary, model, adapter, prompts, tokens):
    """The ids of the greedy answers of one adapter alone."""
    command = [binary, "generate", "--model", model, "--adapter", adapter, "--precision", "f32",
               "--max-tokens", tokens, "--json", "--quiet"]
    for prompt in prompts:
        command += ["--prompt", prompt]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [entry["ids"] for entry in json.loads(done.stdout)["completions"]]


def is_tie(binary, model, adapter, ids, place):
    """Whether the two best log-probabilities after `place` tokens lie closer than 1e-4."""
    with tempfile.TemporaryDirectory() as scratch:
        from safetensors.torch import load_file
        output = Path(scratch) / "logits.safetensors"
        subprocess.run([str(binary), "score", "--model", str(model), "--adapter", str(adapter),
                        "--ids", ",".join(map(str, ids[:place])), "--logits", str(output),
                        "--precision", "f32", "--quiet"], check=True, capture_output=True)
        best = load_file(output)["logits"][-1].log_softmax(-1).topk(2).values
    return float(best[0] - best[1]) < 1e-4


def memory(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


async def client(http, url, work, answers, random, tallies, pause):
    while work:
        name, index, prompt, tokens = work.pop()
        await asyncio.sleep(random.expovariate(1 / pause))
        body = {"model": name, "prompt": prompt, "max_tokens": tokens, "temperature": 0,
                "logprobs": 0}
        if random.random() < 0.05:
            # Somebody who gives up; the question is asked again.
            try:
                await asyncio.wait_for(http.post(f"{url}/v1/completions", json=body),
                                       random.uniform(0.001, 0.2))
            except (asyncio.TimeoutError, httpx.HTTPError):
                tallies["given_up"] += 1
        while True:
            answer = await http.post(f"{url}/v1/completions", json=body)
            if answer.status_code in (429, 503):
                tallies["refused"] += 1
                await asyncio.sleep(float(answer.headers.get("retry-after", 1)) * 0.2)
                continue
            break
        assert answer.status_code == 200, answer.text
        answers[name, index].append(answer.json()["choices"][0]["text"])


async def reloader(http, url, names, random, tallies, stop):
    while not stop.is_set():
        await asyncio.sleep(0.5)
        name = random.choice(names)
        answer = await http.post(f"{url}/v1/load_lora_adapter", json={
            "lora_name": name, "lora_path": name, "load_inplace": True})
        tallies["reloads"] += answer.status_code == 200


async def load(url, pid, arguments, names, prompts):
    chosen = random.Random(arguments.seed)
    work = [(name, index, prompts[index], arguments.tokens)
            for name in names for index in range(len(prompts))]
    work = [chosen.choice(work) for _ in range(arguments.answers)]
    answers = {}
    for item in work:
        answers.setdefault(item[:2], [])
    tallies = {"given_up": 0, "refused": 0, "reloads": 0}
    samples = []
    pause = max(0.05, arguments.seconds * arguments.clients / arguments.answers)
    stop = asyncio.Event()

    async def watch():
        while not stop.is_set():
            samples.append(memory(pid))
            await asyncio.sleep(0.5)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=600, limits=limits) as http:
        others = [asyncio.create_task(watch()),
                  asyncio.create_task(reloader(http, url, names, chosen, tallies, stop))]
        await asyncio.gather(*(client(http, url, work, answers, random.Random(number), tallies, pause)
                               for number in range(arguments.clients)))
        stop.set()
        await asyncio.gather(*others)
        metrics = (await http.get(f"{url}/metrics")).text
    return answers, tallies, samples, metrics


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/lowrank")
    parser.add_argument("--adapters", type=int, default=64)
    parser.add_argument("--prompts", type=int, default=8, help="different prompts of each adapter")
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=0, help="the time over which questions are spread")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp()) / "adapters"
    make_adapters(arguments.model, folder, arguments.adapters)
    names = sorted(path.name for path in folder.iterdir())
    chosen = random.Random(arguments.seed)
    words = "Once upon a time there was a little girl named Lily who loved her big red ball".split()
    prompts = [" ".join(chosen.choices(words, k=chosen.randint(1, 24)))
               for _ in range(arguments.prompts)]
    expected = {name: offline(arguments.binary, arguments.model, folder / name, prompts,
                              arguments.tokens) for name in names}
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    sizes = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    server = subprocess.Popen(
        [str(arguments.binary), "serve", "--model", str(arguments.model), "--adapters", str(folder),
         "--port", "0", "--precision", "f32", "--quiet", "--name", "base",
         # Room for half of them.
         "--adapter-memory", f"{sizes * 3 // 4}B"],
        stdout=subprocess.PIPE, text=True)
    url = json.loads(server.stdout.readline())["url"]
    start = time.monotonic()
    answers, tallies, samples, metrics = asyncio.run(
        load(url, server.pid, arguments, names, prompts))
    seconds = time.monotonic() - start
    server.send_signal(signal.SIGTERM)
    status = server.wait(60)
    wrong, ties, count = [], 0, 0
    for (name, index), texts in answers.items():
        ids = expected[name][index]
        text = text_of(tokenizer, prompts[index], ids)
        for found in texts:
            count += 1
            if found == text:
                continue
            prompt = tokenizer(prompts[index])["input_ids"]
            known = tokenizer(prompts[index] + found)["input_ids"][len(prompt):]
            same = next((i for i, pair in enumerate(zip(ids, known)) if pair[0] != pair[1]),
                        min(len(ids), len(known)))
            if is_tie(arguments.binary, arguments.model, folder / name, prompt + ids,
                      len(prompt) + same):
                ties += 1
            else:
                wrong.append((name, index, text, found))
    settled = samples[len(samples) // 5:]
    growth = settled[-1] / settled[0] - 1
    counters = {line.split()[0]: float(line.split()[1]) for line in metrics.splitlines()
                if not line.startswith("#")}
    print(json.dumps({
        "answers": count, "seconds": round(seconds, 1), "wrong": len(wrong), "ties": ties,
        **tallies, "evictions": counters["lowrank_adapter_evictions_total"],
        "cancelled": counters["lowrank_requests_cancelled_total"],
        "passes": counters["lowrank_passes_total"],
        "generated_tokens": counters["lowrank_generated_tokens_total"],
        "memory_first": settled[0], "memory_last": settled[-1],
        "memory_growth": round(growth, 4), "status": status,
        "examples": wrong[:3]}))
    raise SystemExit(0 if not wrong and ties <= 0.001 * count and growth <= 0.05 and status == 0 else 1)


def text_of(tokenizer, prompt, ids):
    """The text of an answer as it follows its prompt."""
    before = tokenizer(prompt)["input_ids"]
    whole = tokenizer.decode(before + ids, skip_special_tokens=True)
    return whole[len(tokenizer.decode(before, skip_special_tokens=True)):]


if __name__ == "__main__":
    main()
