"""The loopback hub, and both sides' programs pointed at it."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from harness import BINARY

HUB = Path(os.environ.get("LOWRANK_TEST_HUB", BINARY.parent / "lowrank-test-hub"))
TOKEN = "hf_test"


class Hub:
    """Serves ROOT/owner/name folders for as long as a `with` lasts."""

    def __init__(self, root: Path, *options):
        self.command = [str(HUB), "--root", str(root), "--token", TOKEN, *map(str, options)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self.command
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)

    def fail(self, **fault):
        self._ask("POST", "faults", json.dumps(fault).encode())

    def log(self) -> list[dict]:
        return self._ask("GET", "log")

    def _ask(self, method, what, body=None):
        request = urllib.request.Request(f"{self.url}/_test/{what}", body, method=method)
        return json.load(urllib.request.urlopen(request))


def environment(home: Path, url: str | None = None, **more) -> dict:
    """The environment of a program: a cache of its own, and the hub; offline where there is none."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    ours |= dict(HF_HOME=str(home), HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1")
    ours |= dict(HF_ENDPOINT=url) if url else dict(HF_HUB_OFFLINE="1")
    return ours | more


def start(environment: dict, *arguments) -> subprocess.Popen:
    return subprocess.Popen([str(BINARY), *map(str, arguments)], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ours(environment: dict, *arguments) -> dict:
    """Runs our program with --json and returns its object."""
    process = start(environment, *arguments, "--json")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, f"{arguments}\n{errors}"
    return json.loads(output)


def python(environment: dict, code: str, *arguments):
    """Runs Python, whose libraries read the environment once, and returns what it prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
