"""Compares our kernels for products of frozen weights with oneDNN, PyTorch and what the processor can do.

    python Benchmarks/kernels.py [--rounds 5]

Builds Benchmarks/kernels.c with the sources of our kernels. Each round measures every product by our kernel and by oneDNN
right after a loop over registers, the peak, then by PyTorch with tcmalloc where that is installed. Figures are medians over
the rounds in GFLOP/s; the share of the peak is the median of each round's. "bf16 as f32" is what runs on Intel's processors without AMX: numbers of bf16, widened on their way to the
registers and multiplied as f32. Prints tables in Markdown and writes Benchmarks/results/kernels.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from throughput import ROOT, TCMALLOC, processor

TORCH = """
import sys, time, torch
torch.set_grad_enabled(False)
for line in sys.stdin:
    kind, name, m, k, n, form = line.rstrip("\\n").split("\\t")
    type = torch.float32 if kind.startswith("f32") else torch.bfloat16
    x = torch.rand(int(m), int(k)).to(type)
    w = (torch.rand(int(n), int(k)).to(type).T if form == "y" else torch.rand(int(k), int(n)).to(type))
    for _ in range(2): x @ w
    runs, start = 0, time.perf_counter()
    while runs < 3 or time.perf_counter() - start < SECONDS:
        x @ w
        runs += 1
    print(2e-9 * int(m) * int(k) * int(n) * runs / (time.perf_counter() - start), flush=True)
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="for which a product is timed")
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/kernels.json")
    return parser.parse_args()


def built(folder: str) -> str:
    program = f"{folder}/kernels"
    sources = [str(f) for name in ("COneDNN", "CKernels") for f in sorted((ROOT / "Sources" / name).glob("*.c"))]
    folders = [f"-I{ROOT / 'Sources' / f}" for f in ("COneDNN/include", "CKernels/include", "CKernels")]
    subprocess.run(["clang", "-O3", "-fno-math-errno", "-Wall", "-Werror", *folders, *sources,
                    str(ROOT / "Benchmarks/kernels.c"), "-o", program, "-ldnnl", "-lgomp", "-lm"], check=True)
    return program


def measured(program: str, seconds: float, products: dict) -> None:
    """Adds one round to each product: the peak, our figure, oneDNN's and PyTorch's."""
    lines = subprocess.run([program, str(seconds)], check=True, text=True, stdout=subprocess.PIPE).stdout
    keys = []
    for line in lines.splitlines():
        *key, peak, ours, library = line.split("\t")
        keys.append(tuple(key))
        for name, figure in ("peak", peak), ("ours", ours), ("oneDNN", library):
            products[keys[-1]][name].append(float(figure))
    rows = [k for k in keys if k[0] in ("f32", "bf16")]
    preload = dict(LD_PRELOAD=TCMALLOC) if TCMALLOC else {}
    answers = subprocess.run(
        [sys.executable, "-c", TORCH.replace("SECONDS", str(seconds))], check=True, text=True,
        input="".join("\t".join(k) + "\n" for k in rows), stdout=subprocess.PIPE, env=os.environ | preload).stdout
    for key, answer in zip(rows, answers.split()):
        products[key]["PyTorch"].append(float(answer))


def table(kind: str, rows: list[dict]) -> str:
    lines = [f"| {kind}, GFLOP/s | peak | ours | of the peak | oneDNN | PyTorch |", "|---|---|---|---|---|---|"]
    for r in rows:
        library = [f"{r[key]:.0f}" if r.get(key) else "" for key in ("oneDNN", "PyTorch")]
        ours = [f"{r['ours']:.0f}", f"{r['share']:.2f}"] if r["ours"] else ["oneDNN's", ""]
        ours.insert(0, f"{r['peak']:.0f}")
        name = f"{r['product']}, {r['form']}: {r['m']} × {r['k']} × {r['n']}"
        lines.append(f"| {name} | " + " | ".join(ours + library) + " |")
    return "\n".join(lines)


def main():
    options = arguments()
    products = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as folder:
        program = built(folder)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
            measured(program, options.seconds, products)
    rows = [dict(zip(("type", "product", "m", "k", "n", "form"), key))
            | {name: statistics.median(values) for name, values in figures.items()}
            | dict(share=statistics.median(o / p for o, p in zip(figures["ours"], figures["peak"])), rounds=figures)
            for key, figures in products.items()]
    for kind in dict.fromkeys(r["type"] for r in rows):
        print(table(kind, [r for r in rows if r["type"] == kind]) + "\n")
    options.output.write_text(json.dumps(
        dict(command="python Benchmarks/kernels.py", processor=processor(), products=rows), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
