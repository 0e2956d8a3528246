"""Writes what gguf says of random blocks of every packed type.

    python Oracles/packed_fixture.py

Writes Tests/LowRankCheckpointsTests/Fixtures/packed.gguf, a tensor for each type, and packed.f32, their numbers one after
the other in the order of the file, single precision, little-endian. Scales are any finite half, subnormal ones too.
"""

from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize

OUTPUT = Path(__file__).resolve().parents[1] / "Tests/LowRankCheckpointsTests/Fixtures"
# Where a block holds numbers of half precision.
HALVES = {
    Type.F16: [0], Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2],
    Type.Q8_0: [0], Type.Q2_K: [80, 82], Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2],
    Type.Q6_K: [208], Type.IQ4_NL: [0],
}


def blocks(kind: Type, rows: int, columns: int, random: np.random.Generator) -> np.ndarray:
    count, size = gguf.GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (rows * columns // count, size), dtype=np.uint8)
    for place in HALVES[kind]:
        infinite = (data[:, place + 1] & 0x7C) == 0x7C
        data[infinite, place + 1] ^= 0x40
    return data.reshape(rows, -1)


def main() -> None:
    random = np.random.default_rng(15)
    writer = gguf.GGUFWriter(OUTPUT / "packed.gguf", "llama")
    numbers = []
    for kind in HALVES:
        data = blocks(kind, 3, 512, random)
        raw = data.view(np.float16) if kind == Type.F16 else data
        writer.add_tensor(kind.name, raw, raw_dtype=None if kind == Type.F16 else kind)
        values = raw.astype(np.float32) if kind == Type.F16 else dequantize(data, kind)
        numbers.append(values.astype("<f4").reshape(-1))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (OUTPUT / "packed.f32").write_bytes(np.concatenate(numbers).tobytes())


if __name__ == "__main__":
    main()
