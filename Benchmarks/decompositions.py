"""Measures `lowrank extract` and `lowrank analyze --intruders` under different kernels of OpenBLAS.

    python Benchmarks/decompositions.py [--kernels Prescott Haswell SkylakeX own]

The models have the shapes of Llama 3.2 1B and random weights. `own` is what the program and the library choose where
nothing is set; an OpenBLAS that does not know the processor would use Prescott's. Seconds are of the wall clock and of all
threads together. Writes Benchmarks/results/decompositions.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parent.parent
HIDDEN, INNER, KEYS, WORDS = 2048, 8192, 512, 128256
SHAPES = {"self_attn.q_proj": (HIDDEN, HIDDEN), "self_attn.k_proj": (KEYS, HIDDEN),
          "self_attn.v_proj": (KEYS, HIDDEN), "self_attn.o_proj": (HIDDEN, HIDDEN),
          "mlp.gate_proj": (INNER, HIDDEN), "mlp.up_proj": (INNER, HIDDEN),
          "mlp.down_proj": (HIDDEN, INNER)}


def make(place: Path, layers: int):
    """A base, a model that differs from it by an update of rank 64, and an adapter of the first layer."""
    generator = torch.Generator().manual_seed(0)
    config = dict(
        architectures=["LlamaForCausalLM"], model_type="llama", hidden_size=HIDDEN,
        intermediate_size=INNER, num_hidden_layers=layers, num_attention_heads=32,
        num_key_value_heads=8, head_dim=64, vocab_size=WORDS, rms_norm_eps=1e-5,
        rope_theta=500000.0, max_position_embeddings=131072, tie_word_embeddings=True,
        hidden_act="silu", torch_dtype="bfloat16", bos_token_id=128000, eos_token_id=128001)
    base, tuned, adapter = {}, {}, {}
    base["model.embed_tokens.weight"] = torch.randn(WORDS, HIDDEN, generator=generator).bfloat16()
    base["model.norm.weight"] = torch.ones(HIDDEN).bfloat16()
    for layer in range(layers):
        for norm in ("input_layernorm", "post_attention_layernorm"):
            base[f"model.layers.{layer}.{norm}.weight"] = torch.ones(HIDDEN).bfloat16()
        for name, (outputs, inputs) in SHAPES.items():
            path = f"model.layers.{layer}.{name}"
            weight = torch.randn(outputs, inputs, generator=generator) * 0.02
            down = torch.randn(64, inputs, generator=generator) * 0.01
            up = torch.randn(outputs, 64, generator=generator) * 0.8 ** torch.arange(64)
            base[path + ".weight"] = weight.bfloat16()
            tuned[path + ".weight"] = (weight + up @ down).bfloat16()
            if layer == 0:
                stem = f"base_model.model.{path}"
                adapter[stem + ".lora_A.weight"] = down[:16].contiguous()
                adapter[stem + ".lora_B.weight"] = up[:, :16].contiguous()
    for name, tensors in (("base", base), ("tuned", {**base, **tuned})):
        (place / name).mkdir()
        save_file(tensors, place / name / "model.safetensors", {"format": "pt"})
        (place / name / "config.json").write_text(json.dumps(config))
    (place / "adapter").mkdir()
    save_file(adapter, place / "adapter/adapter_model.safetensors", {"format": "pt"})
    (place / "adapter/adapter_config.json").write_text(json.dumps(dict(
        peft_type="LORA", task_type="CAUSAL_LM", r=16, lora_alpha=32,
        target_modules=[name.rpartition(".")[2] for name in SHAPES])))


def measured(command: list[str], kernels: str) -> dict:
    environment = {name: value for name, value in os.environ.items()
                   if kernels != "own" or name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    if kernels != "own":
        environment["OPENBLAS_CORETYPE"] = kernels
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with status {status}")
    return dict(seconds=round(time.perf_counter() - start, 2),
                processor_seconds=round(usage.ru_utime + usage.ru_stime, 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=16)
    parser.add_argument("--kernels", nargs="+", default=["Prescott", "Haswell", "SkylakeX", "own"])
    parser.add_argument("--lowrank", type=Path, default=ROOT / ".build/release/lowrank")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make(place, options.layers)
        verbs = {
            "extract": ["extract", "--base", f"{place}/base", "--tuned", f"{place}/tuned",
                        "--rank", "64", "--json", "--overwrite", "--output", f"{place}/extracted"],
            "analyze --intruders": ["analyze", f"{place}/adapter", "--model", f"{place}/base",
                                    "--intruders", "--json"],
        }
        results = {verb: {} for verb in verbs}
        for verb, arguments in verbs.items():
            for kernels in options.kernels:
                results[verb][kernels] = measured([str(options.lowrank), *arguments], kernels)
                print(verb, kernels, results[verb][kernels], flush=True)
    versions = json.loads(subprocess.run(
        [options.lowrank, "--version", "--json"], capture_output=True, check=True).stdout)
    output = ROOT / "Benchmarks/results/decompositions.json"
    output.write_text(json.dumps(dict(
        command="python Benchmarks/decompositions.py"
                + (f" --layers {options.layers}" if options.layers != 16 else ""),
        library=versions["linear_algebra"]["library"],
        processor=platform.processor() or platform.machine(), cores=os.cpu_count(),
        load_average=round(os.getloadavg()[0], 1),
        results=results), indent=1) + "\n")


if __name__ == "__main__":
    main()
