"""Clients that do harm: `lowrank serve` answers each with a clear status, and others as before.

    python Benchmarks/serving_faults.py --model ../shared/assets/models/stories260K [--lowrank BIN]

Opens idle connections, and keeps them. Then others send headers and bodies byte by byte, bodies that are too large, malformed JSON,
bytes that are no UTF-8, streams that nobody reads, and random bytes, while one client asks for the same greedy answer again and
again: it must always be the one from before. Prints one JSON object: the statuses of each kind, the times of that client, and what the
server's memory grew by; exit code 1 where a status is not expected, an answer differs, or the server does not end with code 0.
"""

import argparse
import asyncio
import collections
import json
import os
import random
import resource
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUESTION = dict(model="base", prompt="Once upon a time", max_tokens=16, temperature=0)
KINDS = {}


def kind(expected: set, count: int):
    """Registers a kind of client with the statuses that it may get, 0 for a connection that ends without any."""
    def register(function):
        KINDS[function.__name__] = (function, expected, count)
        return function
    return register


def request(body: bytes, *fields: str, length: int | None = None) -> bytes:
    lines = ["POST /v1/completions HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body) if length is None else length}",
             "Content-Type: application/json", "Connection: close", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def status(port: int, data: bytes, pause: float = 0) -> int:
    """Sends all, or a byte at a time as long as nothing comes back, and returns the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = asyncio.create_task(reader.read())
    try:
        for piece in (data[i:i + 1] for i in range(len(data))) if pause else (data,):
            if received.done():
                break
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
    except ConnectionError:
        pass  # it was refused while it was still sending; why stands in what comes back
    try:
        text = await asyncio.wait_for(received, 300)
    except ConnectionError:
        text = b""
    finally:
        writer.close()
    return int(text.split()[1]) if text.startswith(b"HTTP/1.1 ") else 0


# A machine with much else to do may be slower than a header's time of 10 seconds.
@kind({200, 408}, 20)
async def slow_request(port, chosen):
    return await status(port, request(json.dumps(QUESTION).encode()), pause=0.01)


@kind({408}, 20)
async def header_without_end(port, chosen):
    return await status(port, b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nX: ", pause=0.3)


@kind({408}, 20)
async def body_without_end(port, chosen):
    return await status(port, request(b'{"model"', length=100))


@kind({413}, 50)
async def body_too_large(port, chosen):
    return await status(port, request(b" " * (9 << 20)))


@kind({413}, 200)
async def length_too_large(port, chosen):
    return await status(port, request(b"", length=10 ** chosen.randint(8, 17)))


@kind({431}, 200)
async def header_too_large(port, chosen):
    return await status(port, request(b"{}", "X: " + "a" * 40_000))


@kind({400}, 1000)
async def malformed_json(port, chosen):
    text = json.dumps(QUESTION)
    return await status(port, request(text[:chosen.randrange(len(text))].encode()))


@kind({400}, 1000)
async def malformed_utf8(port, chosen):
    text = json.dumps(QUESTION).encode()
    place = text.index(b"Once") + chosen.randrange(10)
    wrong = chosen.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"])
    return await status(port, request(text[:place] + wrong + text[place:]))


@kind({0, 400}, 2000)
async def random_bytes(port, chosen):
    return await status(port, chosen.randbytes(chosen.randrange(1, 400)) + b"\r\n\r\n")


@kind({200}, 100)
async def stream_that_nobody_reads(port, chosen):
    body = json.dumps(QUESTION | dict(max_tokens=200, stream=True, n=4, ignore_eos=True)).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(body))
    line = await reader.readline()
    await asyncio.sleep(chosen.random())
    writer.transport.abort()
    return int(line.split()[1])


async def answer(port) -> str:
    """The text of the answer to the question."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(json.dumps(QUESTION).encode()))
    data = await reader.read()
    writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return json.loads(body)["choices"][0]["text"]


def memory(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def harm(port: int, pid: int, options) -> dict:
    expected = await answer(port)
    before = memory(pid)
    start = time.monotonic()
    idle = []
    for _ in range(options.idle):
        idle.append(await asyncio.open_connection("127.0.0.1", port))
    result = dict(idle=len(idle), seconds_idle=round(time.monotonic() - start, 2), memory_before=before, memory_idle=memory(pid))
    times, different, isOver = [], 0, False

    async def neighbour():
        nonlocal different
        while not isOver:
            begun = time.monotonic()
            different += await answer(port) != expected
            times.append(time.monotonic() - begun)
            await asyncio.sleep(0.05)

    other = asyncio.create_task(neighbour())
    found = {name: collections.Counter() for name in KINDS}
    limit = asyncio.Semaphore(options.at_once)

    async def one(name, seed):
        async with limit:
            found[name][await KINDS[name][0](port, random.Random(f"{name} {seed}"))] += 1

    work = [(name, number) for name, (_, _, count) in KINDS.items() for number in range(count)]
    random.Random(0).shuffle(work)
    await asyncio.gather(*(one(*item) for item in work))
    isOver = True
    await other
    # Those that were idle all along: the server may have closed them after its time.
    still = sum(not reader.at_eof() for reader, _ in idle)
    for _, writer in idle:
        writer.close()
    wrong = {name: dict(counts) for name, counts in found.items() if set(counts) - KINDS[name][1]}
    times.sort()
    return result | dict(
        statuses={name: {str(key): value for key, value in sorted(counts.items())} for name, counts in found.items()}, wrong=wrong,
        seconds=round(time.monotonic() - start, 1), idle_still_open=still, answers=len(times), different=different,
        median_ms=round(1000 * times[len(times) // 2], 1), slowest_ms=round(1000 * times[-1], 1), memory_after=memory(pid))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lowrank", default=os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=100)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    server = subprocess.Popen(
        [str(options.lowrank), "serve", "--model", str(options.model), "--port", "0", "--precision", "f32", "--name", "base",
         "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(json.loads(server.stdout.readline())["url"].rsplit(":", 1)[1])
        result = asyncio.run(harm(port, server.pid, options))
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    print(json.dumps(result | dict(status=code)))
    raise SystemExit(int(bool(result["wrong"] or result["different"] or code)))


if __name__ == "__main__":
    main()
