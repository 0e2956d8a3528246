"""How fast `lowrank serve` answers with one model and with many adapters of it.

    python Benchmarks/serving_speed.py --model ../gemma/hf [--lowrank BIN] [--output FILE]

Clients ask for 64 tokens each, one answer after the other, over HTTP: 64 clients of the base, of 64 adapters of rank 8 on the
query and value maps, of 64 adapters of ranks 1 to 64 on all linear maps, and of 64 of 1,000 registered adapters, in
alternating rounds. Then 1, 8 and 64 clients of the 64 adapters stream, for the times to the first token and between tokens.
For ranks 1 to 64 the rate is put beside the bound of bandwidth: 64 tokens in the time in which the memory gives the bytes of the
base and of all factors, at the rate that `lowrank bench generate` measures. Adapters have random factors. Prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import httpx2 as httpx
import numpy
from safetensors.numpy import save_file

from throughput import ROOT, processor

CLIENTS, TOKENS = 64, 64
PROMPT = "name: The Vaults, eatType: pub, priceRange: high =>"
MAPS = {"self_attn": ["q_proj", "k_proj", "v_proj", "o_proj"], "mlp": ["gate_proj", "up_proj", "down_proj"]}


def shapes(config: dict) -> dict:
    """The maps of a layer as PEFT names them, each with its numbers of inputs and outputs."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    sizes = dict(q_proj=(hidden, heads), k_proj=(hidden, keys), v_proj=(hidden, keys), o_proj=(heads, hidden),
                 gate_proj=(hidden, inner), up_proj=(hidden, inner), down_proj=(inner, hidden))
    return {f"{part}.{name}": sizes[name] for part, names in MAPS.items() for name in names}


def make_adapter(config: dict, folder: Path, rank: int, targets: list[str], seed: int) -> int:
    """Writes an adapter with random factors, and returns its number of parameters."""
    random = numpy.random.default_rng(seed)
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        for name, (inputs, outputs) in shapes(config).items():
            if name.split(".")[1] in targets:
                at = f"base_model.model.model.layers.{layer}.{name}"
                tensors[f"{at}.lora_A.weight"] = random.normal(0, inputs ** -0.5, (rank, inputs)).astype("f4")
                tensors[f"{at}.lora_B.weight"] = random.normal(0, 0.01, (outputs, rank)).astype("f4")
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(dict(
        peft_type="LORA", task_type="CAUSAL_LM", r=rank, lora_alpha=rank, target_modules=targets, bias="none")))
    return sum(tensor.size for tensor in tensors.values())


def make_adapters(config: dict, folder: Path) -> int:
    """The adapters of all parts; returns the parameters of those of ranks 1 to 64."""
    every = [name for names in MAPS.values() for name in names]
    parameters = 0
    for number in range(CLIENTS):
        make_adapter(config, folder / f"few-{number}", 8, ["q_proj", "v_proj"], number)
        parameters += make_adapter(config, folder / f"all-{number}", number + 1, every, number)
    for number in range(1000 - 2 * CLIENTS):
        other = folder / f"other-{number}"
        other.mkdir()
        for file in (folder / f"few-{number % CLIENTS}").iterdir():
            os.link(file, other / file.name)
    return parameters


async def answer(client, url: str, model: str) -> int:
    body = dict(model=model, prompt=PROMPT, max_tokens=TOKENS, temperature=0, ignore_eos=True)
    response = await client.post(f"{url}/v1/completions", json=body, timeout=600)
    response.raise_for_status()
    return response.json()["usage"]["completion_tokens"]


async def rate(url: str, models: list[str], rounds: int = 2) -> float:
    """Tokens per second of a client for each model."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client:
        async def work(model):
            return sum([await answer(client, url, model) for _ in range(rounds)])
        begun = time.perf_counter()
        tokens = sum(await asyncio.gather(*(work(model) for model in models)))
        return tokens / (time.perf_counter() - begun)


async def latencies(url: str, clients: int, answers: int) -> dict:
    """Times to the first token and between tokens, in milliseconds."""
    first, between = [], []
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client:
        async def work(number):
            for _ in range(answers):
                body = dict(model=f"few-{number % CLIENTS}", prompt=PROMPT, max_tokens=TOKENS, temperature=0,
                            ignore_eos=True, stream=True)
                last, count = time.perf_counter(), 0
                async with client.stream("POST", f"{url}/v1/completions", json=body, timeout=600) as response:
                    async for line in response.aiter_lines():
                        if line.startswith("data: {"):
                            now = time.perf_counter()
                            (between if count else first).append(1000 * (now - last))
                            last, count = now, count + 1
        await asyncio.gather(*(work(number) for number in range(clients)))
    def share(values, percent):
        return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
    return {"clients": clients, "first_p50": share(first, 50), "first_p99": share(first, 99),
            "between_p50": share(between, 50), "between_p99": share(between, 99)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--config", type=Path, help="config.json of the model, where it is a GGUF file")
    parser.add_argument("--lowrank", default=os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    config = json.loads((options.config or options.model / "config.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        parameters = make_adapters(config, Path(folder))
        command = [str(options.lowrank), "serve", "--model", str(options.model), "--adapters", folder, "--port", "0", "--name",
                   "base", "--max-sequences", str(CLIENTS), "--max-queue", "1000", "--adapter-memory", "4GB", "--quiet"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            result = measure(options, json.loads(server.stdout.readline())["url"], parameters)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    text = json.dumps(result, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")


def bandwidth(options) -> float:
    """Bytes that the memory gives in a second."""
    done = subprocess.run([str(options.lowrank), "bench", "generate", "--model", str(options.model), "--tokens", "16", "--json",
                           "--quiet"], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return found["bandwidth"] / found["utilization"]


def measure(options, url: str, parameters: int) -> dict:
    groups = {"base": ["base"] * CLIENTS, "rank 8, q and v": [f"few-{n}" for n in range(CLIENTS)],
              "ranks 1-64, all linear": [f"all-{n}" for n in range(CLIENTS)],
              "64 of 1,000": [f"other-{n * 13}" for n in range(CLIENTS)]}
    rates = {name: [] for name in groups}
    for models in groups.values():  # adapters are loaded, and prompts are in the cache
        asyncio.run(rate(url, models, rounds=1))
    for _ in range(options.rounds):
        for name, models in groups.items():
            rates[name].append(asyncio.run(rate(url, models)))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    weights = sum(file.stat().st_size for file in options.model.glob("*.safetensors")) if options.model.is_dir() \
        else options.model.stat().st_size
    # Factors are read as bf16 where the processor multiplies it.
    bound = CLIENTS * bandwidth(options) / (weights + 2 * parameters)
    return dict(processor=processor(), model=options.model.name, clients=CLIENTS, tokens=TOKENS, rates=rates,
                tokens_per_second=medians, of_base={name: value / medians["base"] for name, value in medians.items()},
                bandwidth_bound=bound, of_bound=medians["ranks 1-64, all linear"] / bound,
                latencies_ms=[asyncio.run(latencies(url, clients, answers)) for clients, answers in ((1, 6), (8, 3), (64, 1))])


if __name__ == "__main__":
    main()
