"""Writes what PyPI `tokenizers` makes of many hard texts, for `TokenizerConformanceTests` to compare.

    python Oracles/tokenizers_conformance.py FOLDER [COUNT [NAME...]]
    LOWRANK_TOKENIZER_ORACLE=FOLDER swift test --filter TokenizerConformance

FOLDER gets one folder a tokenizer, or for each NAME, with its tokenizer.json, or the files that
transformers makes one of, and cases.bin: for each text, little-endian
and each list after its 32-bit length, the UTF-8 of the text, then ids, starts, ends (32 bits) and the
special mask (8 bits) of its tokens, then the UTF-8 of the text decoded from them, and of the text of all
of them, special ones included, in backward order (which is seldom UTF-8 before). Offsets are turned
from characters into bytes; they are -1 where the reference has lost count, which it does after leaving
out a character that the vocabulary lacks, or that a compiled map removes from the start. COUNT texts are random (100,000 unless told); real text is
added. pairs.json has what becomes of pairs of texts, cut or not.
"""

import json
import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import struct
import sys
from itertools import accumulate
from pathlib import Path

from tokenizers import __version__, decoders, models

import tokenizers_encoders as encoders
import tokenizers_samples as samples


def leaves_out(tokenizer, text):
    model = tokenizer.model
    if isinstance(model, models.Unigram):
        return False
    if model.unk_token or model.byte_fallback or isinstance(tokenizer.decoder, decoders.ByteLevel):
        return False
    return any(tokenizer.token_to_id(c) is None for c in text)


def record(tokenizer, text, loses_count):
    encoding = tokenizer.encode(text)
    bytes_before = [0, *accumulate(len(c.encode()) for c in text)]
    ids = encoding.ids
    starts = [bytes_before[start] for start, _ in encoding.offsets]
    ends = [bytes_before[end] for _, end in encoding.offsets]
    if leaves_out(tokenizer, text) or loses_count(text):
        starts = ends = [-1] * len(ids)
    utf8 = text.encode()
    decoded = tokenizer.decode(ids).encode()
    backward = tokenizer.decode(ids[::-1], skip_special_tokens=False).encode()
    count = len(ids)
    return b"".join([
        struct.pack("<I", len(utf8)), utf8, struct.pack("<I", count),
        struct.pack(f"<{count}i", *ids), struct.pack(f"<{count}i", *starts),
        struct.pack(f"<{count}i", *ends), bytes(encoding.special_tokens_mask),
        struct.pack("<I", len(decoded)), decoded, struct.pack("<I", len(backward)), backward])


def real_texts():
    texts = list(samples.CORPUS) + ["", " ", "\n"]
    shakespeare = samples.ASSETS / "data/tinyshakespeare/input.txt"
    if shakespeare.exists():
        whole = shakespeare.read_text()
        texts += [whole] + whole.split("\n")
    return texts


def main():
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    texts = samples.texts(count, seed=1) + real_texts()
    print(f"tokenizers {__version__}, {len(texts)} texts")
    tokenizers = samples.real() | samples.synthetic() | encoders.unigrams() | encoders.folders()
    names = sys.argv[3:] or list(tokenizers)
    for name in names:
        tokenizer = tokenizers[name]
        if isinstance(tokenizer, dict):
            tokenizer = encoders.write(tokenizer, folder / name)
        else:
            (folder / name).mkdir(parents=True, exist_ok=True)
            tokenizer.save(str(folder / name / "tokenizer.json"))
        loses_count = encoders.loses_count(tokenizer)
        with open(folder / name / "cases.bin", "wb") as file:
            for text in texts:
                file.write(record(tokenizer, text, loses_count))
        pairs = samples.pairs(tokenizer, texts[: max(50, count // 20)], seed=2)
        (folder / name / "pairs.json").write_text(json.dumps(pairs))
        print(name)


if __name__ == "__main__":
    main()
