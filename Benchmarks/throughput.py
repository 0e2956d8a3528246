"""Compares `lowrank bench train` with PEFT at its best, interleaved in one session.

    python Benchmarks/throughput.py --config Benchmarks/configs/gpt2-124m.json \
        --batch 4 --length 256 --precision bf16,f32 --rank 8 --target c_attn

The peers (eager and compiled, each with and without tcmalloc) are started and warmed up first and
then wait. Each round runs our program once, from its start to its end, and a few steps of every
peer, so that a change of the machine's speed meets all of them. Figures are medians over the
rounds in which no other program used more than a tenth of the processor (over all rounds where
none was that quiet; the column says how many were). Prints a table and writes
Benchmarks/results/NAME.json with the command and the processor.

`wall` is a whole process: ours with its calibration; a peer's from its start, with the time it
waits for its turn left out. --peers-only measures without our program.
"""

import argparse
import ctypes.util
import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0))
TICKS = os.sysconf("SC_CLK_TCK")
QUIET = 0.1
TCMALLOC = ctypes.util.find_library("tcmalloc_minimal")
PEERS = {
    "PEFT eager": (False, False),
    "PEFT compiled": (True, False),
    "PEFT eager, tcmalloc": (False, True),
    "PEFT compiled, tcmalloc": (True, True),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--precision", default="bf16", help="bf16, f32 or both with a comma")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--target", default="c_attn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3, help="steps of each peer in a round")
    parser.add_argument("--lowrank", type=Path, default=Path(
        os.environ.get("LOWRANK", ROOT / ".build/release/lowrank")))
    parser.add_argument("--peers", help="only the peers whose names contain this")
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


class Stopwatch:
    """Wall time, and the share of the processor that other programs took meanwhile."""

    def __init__(self, own_seconds):
        self.own_seconds = own_seconds
        self.start = time.perf_counter(), busy_seconds(), own_seconds()

    def stop(self) -> tuple[float, float]:
        wall = time.perf_counter() - self.start[0]
        foreign = (busy_seconds() - self.start[1]) - (self.own_seconds() - self.start[2])
        return wall, max(0.0, foreign / wall / CORES)


def busy_seconds() -> float:
    """Processor time of the whole machine, time stolen by its host included."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, interrupt, soft, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupt + soft + steal) / TICKS


def process_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Peer:
    """A warm PEFT process that makes steps when asked."""

    def __init__(self, name: str, script: str, flags: list[str], tcmalloc: bool):
        environment = os.environ | ({"LD_PRELOAD": TCMALLOC} if tcmalloc else {})
        self.name, self.rounds = name, []
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "Benchmarks" / script), *flags, "--serve"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with status {self.process.wait()}")
        return json.loads(line)

    def run(self, steps: int):
        watch = Stopwatch(lambda: process_seconds(self.process.pid))
        self.process.stdin.write(f"step {steps}\n")
        self.process.stdin.flush()
        seconds = statistics.median(self.answer()["step_seconds"])
        self.rounds.append(dict(step_seconds=seconds, foreign=watch.stop()[1]))

    def finish(self) -> dict:
        self.process.stdin.close()
        result = self.answer()
        self.process.wait()
        return result


def run_ours(lowrank: Path, arguments: list[str]) -> dict:
    watch = Stopwatch(children_seconds)
    command = [str(lowrank), *arguments, "--json"]
    # Runs of benchmarks are nobody's runs.
    command += ["--no-store"] * (arguments[0] == "train")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with status {done.returncode}")
    wall, foreign = watch.stop()
    return json.loads(done.stdout) | dict(wall_seconds=wall, foreign=foreign)


def measure(options, precision: str) -> list[dict]:
    flags = ["--config", str(options.config), "--batch", str(options.batch), "--length",
             str(options.length), "--precision", precision, "--rank", str(options.rank),
             "--target", options.target]
    names = [n for n, (_, tcmalloc) in PEERS.items()
             if (options.peers or "") in n and (TCMALLOC or not tcmalloc)]
    peers = []
    for name in names:  # one after the other, so that none compiles while another warms up
        compiled, tcmalloc = PEERS[name]
        peers.append(Peer(name, "peft_throughput.py", flags + ["--compile"] * compiled, tcmalloc))
        peers[-1].answer()
    ours = []
    for _ in range(options.rounds):
        if not options.peers_only:
            ours.append(run_ours(options.lowrank, ["bench", "train", *flags]))
        for peer in peers:
            peer.run(options.steps)
    tokens = options.batch * options.length
    rows = []
    if ours:
        # Each round is a whole run: the run of median speed stands for the other figures.
        middle = sorted(ours, key=lambda r: r["step_seconds"])[len(ours) // 2]
        rows.append(middle | row("LowRank", precision, ours, tokens))
        rows[-1]["peak_memory_bytes"] = max(r["peak_memory_bytes"] for r in ours)
    for peer in peers:
        rows.append(peer.finish() | row(peer.name, precision, peer.rounds, tokens))
    return rows


def row(name: str, precision: str, rounds: list[dict], tokens: int) -> dict:
    quiet = [r["step_seconds"] for r in rounds if r["foreign"] < QUIET]
    median = statistics.median(quiet or [r["step_seconds"] for r in rounds])
    return dict(
        name=name, precision=precision, step_seconds=median, tokens_per_second=tokens / median,
        rounds=[{k: r[k] for k in ("step_seconds", "foreign")} for r in rounds],
        quiet_rounds=len(quiet))


def processor() -> dict:
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    fields = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    native = [f for f in ("avx512_bf16", "amx_bf16") if f in fields.get("flags", "").split()]
    return dict(model=fields.get("model name"), family=fields.get("cpu family"),
                number=fields.get("model"), cores=CORES, bf16=native)


def table(rows: list[dict]) -> str:
    lines = [f"{'':32} {'tokens/s':>9} {'step ms':>8} {'peak GB':>8} {'wall s':>7} {'steps':>6}"
             f" {'quiet':>6} {'utilization':>12} {'ours over it':>13}"]
    ours = {r["precision"]: r["tokens_per_second"] for r in rows if r["name"] == "LowRank"}
    for r in rows:
        ratio = ours.get(r["precision"], float("nan")) / r["tokens_per_second"]
        used = f"{r['utilization']:.2f}" if "utilization" in r else ""
        lines.append(
            f"{r['precision'] + ' ' + r['name']:32} {r['tokens_per_second']:9.0f}"
            f" {1000 * r['step_seconds']:8.0f} {r['peak_memory_bytes'] / 1e9:8.2f}"
            f" {r['wall_seconds']:7.1f} {r.get('total_steps', ''):>6}"
            f" {r['quiet_rounds']:3}/{len(r['rounds']):<2} {used:>12}"
            + ("" if ratio != ratio or r["name"] == "LowRank" else f" {ratio:12.2f}x"))
    return "\n".join(lines)


def main():
    options = arguments()
    if not options.peers_only and not options.lowrank.exists():
        sys.exit(f"{options.lowrank} is missing: swift build -c release --product lowrank")
    if not TCMALLOC:
        print("tcmalloc is missing, and the peer slower without: apt-get install "
              "libtcmalloc-minimal4", file=sys.stderr)
    rows = [r for precision in options.precision.split(",") for r in measure(options, precision)]
    print(table(rows))
    for r in rows:
        if not r["quiet_rounds"]:
            print(f"{r['precision']} {r['name']}: other programs were busy in every round; "
                  "measure again on a quiet machine", file=sys.stderr)
    name = f"{options.config.stem}-{options.batch}x{options.length}"
    output = options.output or ROOT / f"Benchmarks/results/{name}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join(["python", "Benchmarks/throughput.py", *sys.argv[1:]])
    output.write_text(json.dumps(dict(command=command, processor=processor(), results=rows),
                                 indent=2) + "\n")


if __name__ == "__main__":
    main()
