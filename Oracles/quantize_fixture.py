"""Writes what gguf makes of numbers in Q8_0.

    python Oracles/quantize_fixture.py

Writes Tests/LowRankCheckpointsTests/Fixtures/q8_0.f32, numbers in single precision, and q8_0.blocks, their blocks. Among the
numbers are zeros, halves between two steps, scales that are subnormal or the largest half, and blocks with one large number.
"""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import quantize

OUTPUT = Path(__file__).resolve().parents[1] / "Tests/LowRankCheckpointsTests/Fixtures"


def main() -> None:
    random = np.random.default_rng(8)
    blocks = [np.zeros(32), -np.zeros(32), np.full(32, 127 * 65504.0), np.full(32, -1.0)]
    # The scale is a power of two, so that halves stay halves.
    for exponent in (-20, -3, 0, 9):
        steps = np.concatenate([[127], np.arange(-15, 16) + 0.5])
        blocks.append(steps * 2.0 ** exponent)
    for exponent in (-30, -27, -24, -20, -10, 0, 10):
        for _ in range(8):
            blocks.append(random.standard_normal(32) * 2.0 ** exponent)
    for _ in range(8):
        block = random.standard_normal(32) * 1e-3
        block[random.integers(32)] = 50
        blocks.append(block)
    numbers = np.stack(blocks).astype(np.float32)
    (OUTPUT / "q8_0.f32").write_bytes(numbers.tobytes())
    (OUTPUT / "q8_0.blocks").write_bytes(quantize(numbers, Type.Q8_0).tobytes())


if __name__ == "__main__":
    main()
