"""Compares the reading of large Parquet files with pyarrow's.

    python Benchmarks/parquet.py [--rounds 3] [--size 1.0]

Writes two files of about `--size` gigabytes with pyarrow's defaults: rows of web text (text, id, url, a double, an integer;
Snappy), and chats (id, `messages` of two turns; Zstandard). Each round reads every row of both to the end with
.build/release/lowrank-parquet-read (`swift build -c release --product lowrank-parquet-read`) and with pyarrow (`iter_batches(batch_size=1024)` and `to_pylist()`), each in a process of
its own. Figures are the least processor seconds and elapsed seconds of the rounds, and the largest peak of memory. Prints a
table in Markdown and writes Benchmarks/results/parquet.json.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow
import pyarrow.parquet

from throughput import ROOT, processor

READER = ROOT / ".build/release/lowrank-parquet-read"
PYARROW = """
import json, sys, time
from pyarrow.parquet import ParquetFile

def size(value):
    if isinstance(value, str): return len(value.encode())
    if isinstance(value, list): return sum(map(size, value))
    return sum(map(size, value.values())) if isinstance(value, dict) else 0

rows = text = 0
for batch in ParquetFile(sys.argv[1]).iter_batches(batch_size=1024):
    for row in batch.to_pylist():
        rows += 1
        if COUNTS: text += sum(map(size, row.values()))
peak = next(1024 * int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps(dict(rows=rows, text_bytes=text, processor_seconds=time.process_time(), peak_memory_bytes=peak)))
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=float, default=1.0, help="gigabytes of each file")
    parser.add_argument("--output", type=Path, default=ROOT / "Benchmarks/results/parquet.json")
    return parser.parse_args()


def texts(rng, prose, mean):
    """Parts of a long text, of about `mean` bytes."""
    while True:
        start = rng.randrange(len(prose) // 2)
        yield prose[start:start + 1 + int(rng.expovariate(1 / mean))]


def web(rng, prose):
    text = texts(rng, prose, 1400)
    return lambda n: dict(
        text=[next(text) for _ in range(n)], id=[f"<urn:uuid:{rng.getrandbits(128):032x}>" for _ in range(n)],
        url=[f"https://example.org/{rng.getrandbits(48):x}/{next(text)[:40]}" for _ in range(n)],
        score=[rng.random() for _ in range(n)], count=[rng.randrange(4000) for _ in range(n)])


def chats(rng, prose):
    asks, answers = texts(rng, prose, 300), texts(rng, prose, 1100)
    return lambda n: dict(
        id=[f"{rng.getrandbits(64):016x}" for _ in range(n)],
        messages=[[dict(role="user", content=next(asks)), dict(role="assistant", content=next(answers))]
                  for _ in range(n)])


def write(path: Path, make, codec: str, size: float) -> None:
    """Writes row groups until the file has the size."""
    with open(path, "wb") as file:
        writer = None
        while file.tell() < size * 1e9:
            table = pyarrow.table(make(100_000))
            writer = writer or pyarrow.parquet.ParquetWriter(file, table.schema, compression=codec)
            writer.write_table(table)
        writer.close()


def run(command: list[str]) -> dict:
    start = time.perf_counter()
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(output) | dict(elapsed_seconds=time.perf_counter() - start)


def main():
    options = arguments()
    if not READER.exists():
        sys.exit(f"{READER.name} is not built: swift build -c release --product {READER.name}")
    rng, rows = random.Random(1), []
    words = ["".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(1, 12))) for _ in range(30_000)]
    prose = " ".join(rng.choices(words, k=4_000_000))
    with tempfile.TemporaryDirectory() as folder:
        for name, make, codec in ("web", web(rng, prose), "snappy"), ("chats", chats(rng, prose), "zstd"):
            path = Path(folder) / f"{name}.parquet"
            write(path, make, codec, options.size)
            python = [sys.executable, "-c", PYARROW.replace("COUNTS", "False"), str(path)]
            whole = run([sys.executable, "-c", PYARROW.replace("COUNTS", "True"), str(path)])
            found = dict(LowRank=[], pyarrow=[])
            for number in range(options.rounds):
                print(f"{name}, round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
                found["LowRank"].append(run([str(READER), str(path)]))
                found["pyarrow"].append(run(python))
            for reader, runs in found.items():
                if any(r["rows"] != whole["rows"] for r in runs) or (
                        reader == "LowRank" and any(r["text_bytes"] != whole["text_bytes"] for r in runs)):
                    sys.exit(f"{reader} read other rows of {name}")
                rows.append(dict(
                    file=name, reader=reader, rows=whole["rows"], text_bytes=whole["text_bytes"],
                    file_bytes=path.stat().st_size, runs=runs,
                    processor_seconds=min(r["processor_seconds"] for r in runs),
                    elapsed_seconds=min(r["elapsed_seconds"] for r in runs),
                    peak_memory_bytes=max(r["peak_memory_bytes"] for r in runs)))
            path.unlink()
    print("| file | | processor | elapsed | peak memory |\n|---|---|---|---|---|")
    for r in rows:
        name = f"{r['file']}: {r['rows']:,} rows, {r['file_bytes'] / 1e9:.2f} GB, {r['text_bytes'] / 1e9:.1f} GB of text"
        print(f"| {name if r['reader'] == 'LowRank' else ''} | {r['reader']} | {r['processor_seconds']:.1f} s "
              f"| {r['elapsed_seconds']:.1f} s | {r['peak_memory_bytes'] / 1e6:.0f} MB |")
    options.output.write_text(json.dumps(
        dict(command=" ".join(["python", "Benchmarks/parquet.py", *sys.argv[1:]]), processor=processor(),
             pyarrow=pyarrow.__version__, files=rows), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
