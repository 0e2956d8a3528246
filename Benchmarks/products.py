"""Compares oneDNN 2 with oneDNN 3 on GPT-2's products and training, interleaved in one session.

    python Benchmarks/products.py

Debian 12 has oneDNN 2 and Debian 13 oneDNN 3. This runs on Debian 12 as root, with the root folder
of Debian 13 and the program in it that `make debian13` makes. Benchmarks/products.c is built through
our shim against both; both programs run within the root folder, so that libgomp, the C library and
everything else are the same. So do the two programs `lowrank` in `bench train`. All run at real-time
priority, so that other programs disturb little. A round measures every product with the one, then
with the other; figures are medians over the rounds in which other programs used less than a tenth of
the processor. Rounds are added until every product has five of them, or there are as many as
--rounds; then the median is over all rounds, and the columns say how many were quiet. Training has
five rounds. Prints a table
and writes Benchmarks/results/onednn-2-and-3.json.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from throughput import QUIET, ROOT, Stopwatch, children_seconds, processor

ENOUGH = 5
LIBRARY = Path("/usr/lib") / f"{platform.machine()}-linux-gnu"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT / ".build-debian13/root")
    parser.add_argument("--seconds", type=float, default=0.2, help="for which a product is timed")
    parser.add_argument("--rounds", type=int, default=30, help="at most")
    parser.add_argument("--steps", type=int, default=5, help="of training that are timed")
    parser.add_argument("--lowrank2", type=Path, default=ROOT / ".build/release/lowrank")
    parser.add_argument("--lowrank3", type=Path,
                        default=ROOT / ".build-debian13/build/release/lowrank")
    parser.add_argument("--products-only", action="store_true")
    parser.add_argument("--output", type=Path,
                        default=ROOT / "Benchmarks/results/onednn-2-and-3.json")
    return parser.parse_args()


class Side:
    """One version of oneDNN, and how its programs run within the root folder."""

    def __init__(self, root: Path, folder: Path, version: int):
        self.root, self.folder, self.version = root, folder, version
        self.inside = Path("/") / folder.relative_to(root)
        sources = sorted(map(str, (ROOT / "Sources/COneDNN").glob("*.c")))
        command = ["clang", "-O3", "-fno-math-errno", "-Wall", "-Werror",
                   f"-I{ROOT / 'Sources/COneDNN/include'}", *sources,
                   str(ROOT / "Benchmarks/products.c"), "-o", str(folder / f"products{version}"),
                   "-ldnnl", "-lgomp"]
        if version == 3:
            command.insert(1, f"--sysroot={root}")
        else:  # the root folder has no oneDNN 2
            for name in ("libdnnl.so.2", "libOpenCL.so.1"):
                shutil.copy(LIBRARY / name, folder / name)
        subprocess.run(command, check=True)
        self.name, *self.products = self.products_program().splitlines()

    def run(self, command: list[str]) -> str:
        path = f"LD_LIBRARY_PATH={self.inside}" if self.version == 2 else "LD_LIBRARY_PATH="
        done = subprocess.run(
            ["chrt", "--fifo", "1", "chroot", str(self.root), "env", "-i", "HOME=/root",
             "GOMP_SPINCOUNT=1000", path, *command], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{shlex.join(command)} ended with status {done.returncode}")
        return done.stdout

    def products_program(self, *flags: str) -> str:
        return self.run([str(self.inside / f"products{self.version}"), *flags])


class Measurement:
    """What two programs need by turns, until there are enough quiet rounds."""

    def __init__(self, run):
        self.run, self.rounds = run, {2: [], 3: []}

    def round(self):
        for version, rounds in self.rounds.items():
            value, foreign = self.run(version)
            rounds.append(dict(value=round(value, 1), foreign=round(foreign, 3)))

    def quiet(self, version: int) -> list[float]:
        return [r["value"] for r in self.rounds[version] if r["foreign"] < QUIET]

    def is_enough(self) -> bool:
        return all(len(self.quiet(v)) >= ENOUGH for v in self.rounds)

    def result(self) -> dict:
        result = {}
        for version, rounds in self.rounds.items():
            quiet = self.quiet(version)
            values = quiet if len(quiet) >= ENOUGH else [r["value"] for r in rounds]
            result[f"onednn{version}"] = statistics.median(values)
            result[f"quiet{version}"] = len(quiet)
            result[f"rounds{version}"] = rounds
        return result | {"ratio": result["onednn3"] / result["onednn2"]}


def measure(measurements: dict, most: int):
    for _ in range(most):
        waiting = [m for m in measurements.values() if not m.is_enough()]
        for measurement in waiting:
            measurement.round()


def products(sides: dict, options) -> list[dict]:
    def run(name):
        return lambda version: tuple(map(
            float, sides[version].products_program(name, str(options.seconds)).split()))
    measurements = {name: Measurement(run(name)) for name in sides[2].products}
    measure(measurements, options.rounds)
    rows = []
    for name, measurement in measurements.items():
        product, precision, form = name.split()
        rows.append(dict(product=product, precision=precision, form=form) | measurement.result())
    return rows


def training(sides: dict, options) -> list[dict]:
    config = ROOT / "Benchmarks/configs/gpt2-124m.json"
    programs = {2: options.lowrank2.resolve(), 3: options.lowrank3.resolve()}

    def run(precision, version):
        flags = ["bench", "train", "--config", str(config), "--batch", "4", "--length", "256",
                 "--precision", precision, "--rank", "8", "--target", "c_attn",
                 "--steps", str(options.steps), "--json"]
        watch = Stopwatch(children_seconds)
        output = sides[version].run([str(programs[version]), *flags])
        return json.loads(output)["tokens_per_second"], watch.stop()[1]

    measurements = {p: Measurement(partial(run, p)) for p in ("bf16", "f32")}
    # A whole program is never quiet: others use what it leaves free while it makes its weights.
    measure(measurements, ENOUGH)
    return [dict(precision=p) | m.result() for p, m in measurements.items()]


def table(rows: list[dict], unit: str) -> str:
    lines = [f"{unit:36} {'oneDNN 2':>9} {'oneDNN 3':>9} {'3 over 2':>9} {'quiet':>8}"]
    for r in rows:
        name = " ".join(r[k] for k in ("product", "precision", "form") if k in r)
        lines.append(f"{name:36} {r['onednn2']:9.1f} {r['onednn3']:9.1f} {r['ratio']:9.2f}"
                     f" {r['quiet2']:4}/{r['quiet3']}")
    return "\n".join(lines)


def main():
    options = arguments()
    root = options.root.resolve()
    if not (root / "usr/include/dnnl.h").exists():
        sys.exit(f"{root} is no Debian 13 with oneDNN: make debian13")
    # The programs find Swift's libraries and the configuration at the places that they have here.
    if "LOWRANK_MOUNTED" not in os.environ:
        toolchain = Path(shutil.which("swiftc")).resolve().parents[2]
        mounts = "".join(f'mkdir -p "{root}{p}"; mount --bind "{p}" "{root}{p}"; '
                         for p in (toolchain, ROOT))
        mounts += f'mount -t proc proc "{root}/proc"; mount --rbind /sys "{root}/sys"; '
        command = [sys.executable, __file__, *sys.argv[1:]]
        sys.exit(subprocess.run(
            ["unshare", "--mount", "sh", "-ec", mounts + 'exec "$@"', "sh", *command],
            env=os.environ | {"LOWRANK_MOUNTED": "1"}).returncode)
    with tempfile.TemporaryDirectory(dir=root / "tmp") as folder:
        sides = {version: Side(root, Path(folder), version) for version in (2, 3)}
        rows = products(sides, options)
        print(table(rows, "GFLOP/s"), flush=True)
        runs = [] if options.products_only else training(sides, options)
        if runs:
            print(table(runs, "tokens/s of GPT-2 124M, 4 × 256"))
    command = shlex.join(["python", "Benchmarks/products.py", *sys.argv[1:]])
    versions = {"onednn2": sides[2].name, "onednn3": sides[3].name}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(
        dict(command=command, processor=processor(), versions=versions, products=rows,
             training=runs), indent=1) + "\n")


if __name__ == "__main__":
    main()
