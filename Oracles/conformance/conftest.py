"""Live checks of the `lowrank` binary against transformers, PEFT and safetensors.

    swift build -c release --product lowrank
    "$(scripts/oracle-environment)" -m pytest Oracles/conformance

LOWRANK names another binary. LOWRANK_ASSETS names the folder of real models, LOWRANK_MINILM that of
all-MiniLM-L6-v2, LOWRANK_GEMMA that of Gemma 3 270M as GGUF and as `hf/`; the checks that need them are skipped without.
"""

import os
import tempfile
from pathlib import Path

import pytest
import torch

from harness import BINARY
from models_fixture import DEFAULT as MODELS


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: swift build -c release --product lowrank", returncode=2)
    # Runs of checks are nobody's runs.
    os.environ.setdefault("LOWRANK_RUNS", str(Path(tempfile.mkdtemp()) / "runs.sqlite"))
    torch.set_num_threads(1)  # the models are tiny: threads would only wait for each other


@pytest.fixture(scope="session")
def fixture_models():
    return MODELS
