"""Compares `lowrank compress` with the same computation in PyTorch, files read and written.

    python Benchmarks/compression.py [--layers 32] [--rank 64] [--keep 0.25]

The adapter is random, of the shape of a Llama of 7B parameters: seven projections a layer, bf16.
Rounds alternate between the two; figures are medians. Processor seconds are those of all threads. On a busy machine
PyTorch's waiting threads would slow it down many times, so it gets the short wait that lowrank gives itself, and is run on one
thread too. Writes Benchmarks/results/compression.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
SHAPES = {"self_attn.q_proj": (4096, 4096), "self_attn.k_proj": (4096, 4096),
          "self_attn.v_proj": (4096, 4096), "self_attn.o_proj": (4096, 4096),
          "mlp.gate_proj": (11008, 4096), "mlp.up_proj": (11008, 4096),
          "mlp.down_proj": (4096, 11008)}


def make(folder: Path, layers: int, rank: int):
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for layer in range(layers):
        for name, (outputs, inputs) in SHAPES.items():
            stem = f"base_model.model.model.layers.{layer}.{name}"
            decay = 0.9 ** torch.arange(rank)
            tensors[stem + ".lora_A.weight"] = torch.randn(
                rank, inputs, generator=generator).bfloat16()
            tensors[stem + ".lora_B.weight"] = (torch.randn(
                outputs, rank, generator=generator) * decay * (1 + layer % 5)).bfloat16()
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    (folder / "adapter_config.json").write_text(json.dumps(dict(
        peft_type="LORA", task_type="CAUSAL_LM", r=rank, lora_alpha=2 * rank,
        target_modules=[name.rpartition(".")[2] for name in SHAPES])))


def pytorch(source: Path, target: Path, keep: float):
    tensors = load_file(source / "adapter_model.safetensors")
    cores = {}
    for name in [n for n in tensors if n.endswith("lora_A.weight")]:
        stem = name.removesuffix("lora_A.weight")
        qa, ra = torch.linalg.qr(tensors[name].double().T)
        qb, rb = torch.linalg.qr(tensors[stem + "lora_B.weight"].double())
        u, s, v = torch.linalg.svd(rb @ ra.T)
        cores[stem] = (qb.bfloat16(), u, s, v, qa.bfloat16())
    pool = torch.cat([core[2] for core in cores.values()]).sort(descending=True).values
    least = pool[int(keep * len(pool)) - 1]
    result = {}
    for stem, (qb, u, s, v, qa) in cores.items():
        rank = int((s >= least).sum())
        root = s[:rank].sqrt()
        result[stem + "lora_A.weight"] = ((root[:, None] * v[:rank]) @ qa.double().T).bfloat16()
        result[stem + "lora_B.weight"] = (qb.double() @ (u[:, :rank] * root)).bfloat16()
    target.mkdir()
    save_file({n: t.contiguous() for n, t in result.items() if t.numel()},
              target / "adapter_model.safetensors", {"format": "pt"})


def measured(command: list[str], **variables: str) -> tuple[float, float, float]:
    """Seconds, peak gigabytes and processor seconds of a process from its start to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               env={"GOMP_SPINCOUNT": "500", **os.environ, **variables})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with status {status}")
    return (time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e9,
            usage.ru_utime + usage.ru_stime)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--keep", type=float, default=0.25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lowrank", type=Path, default=ROOT / ".build/release/lowrank")
    parser.add_argument("--pytorch", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pytorch:
        return pytorch(*options.pytorch, options.keep)
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "adapter"
        make(source, options.layers, options.rank)
        programs = {
            "LowRank": [str(options.lowrank), "compress", str(source), "--keep", str(options.keep),
                        "--json", "--output"],
            "PyTorch": [sys.executable, __file__, "--keep", str(options.keep), "--pytorch",
                        str(source)],
        }
        programs["PyTorch, one thread"] = programs["PyTorch"]
        rounds = {name: [] for name in programs}
        for index in range(options.rounds):
            for name, command in programs.items():
                threads = {"OMP_NUM_THREADS": "1"} if "one thread" in name else {}
                rounds[name].append(measured([*command, f"{place}/{name}-{index}"], **threads))
    results = {name: dict(seconds=statistics.median(r[0] for r in figures),
                          peak_gigabytes=statistics.median(r[1] for r in figures),
                          processor_seconds=statistics.median(r[2] for r in figures),
                          rounds=figures) for name, figures in rounds.items()}
    for name, result in results.items():
        print(f"{name:19} {result['seconds']:6.2f} s  {result['peak_gigabytes']:.2f} GB  "
              f"{result['processor_seconds']:.2f} processor seconds")
    output = ROOT / "Benchmarks/results/compression.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(dict(
        command=f"python Benchmarks/compression.py --layers {options.layers} --rank "
                f"{options.rank} --keep {options.keep}",
        torch=torch.__version__, kernels=os.environ.get("OPENBLAS_CORETYPE", "own"),
        load_average=round(os.getloadavg()[0], 1), processor=platform.processor() or platform.machine(),
        results=results), indent=1) + "\n")


if __name__ == "__main__":
    main()
