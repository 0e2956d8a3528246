"""Writes Tests/LowRankTokenizersTests/Fixtures/companions/cases.json: tokens that other files add to a tokenizer.json.

    python Oracles/tokenizers_companions.py [--output FILE] [--count 60] [--seed 1]

Each case has the text of a folder's JSON files, and what transformers' AutoTokenizer makes of it: its added tokens (id, content,
special, single_word, lstrip, rstrip, normalized) and, for a few texts, the ids and what they decode to without special
tokens. Folders are random: every file that can declare a token may be there, ids have gaps and contradict the
vocabulary, tokens are declared twice with other flags.
"""

import argparse
import json
import random
import tempfile
from pathlib import Path

import tokenizers
import transformers
from transformers import AutoTokenizer

DEFAULT = (Path(__file__).resolve().parent.parent
           / "Tests/LowRankTokenizersTests/Fixtures/companions/cases.json")
NAMES = ["<|a|>", "<|b|>", "<c>", "<c><d>", "[PAD]", "<s>", "</s>", "word", "<Ä>", "e"]
ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
         "mask_token", "image_token"]


def flags(rng, special=None):
    some = rng.random() < 0.4
    return dict(single_word=some and rng.random() < 0.3, lstrip=some and rng.random() < 0.5,
                rstrip=some and rng.random() < 0.5, normalized=rng.random() < 0.3,
                special=rng.random() < 0.6 if special is None else special)


def vocabulary(rng):
    """Characters, some of them missing, with a hole in the ids at times."""
    letters = [c for c in "abcdefghorw <>|sä/" if rng.random() < 0.97]
    start = rng.choice([0, 0, 3])
    ids = {c: i + start for i, c in enumerate(letters)}
    for name in ("<s>", "</s>"):
        if rng.random() < 0.5:
            ids[name] = len(ids) + start
    if rng.random() < 0.2:
        ids["ab"] = len(ids) + start + rng.randint(0, 9)
    return ids


def named(rng, name, typed=True):
    """A named token as configurations have it: its text, or an object that describes it."""
    if rng.random() < 0.6:
        return name
    value = dict(content=name, **flags(rng))
    return dict(value, __type="AddedToken") if typed else value


def files(rng):
    ids = vocabulary(rng)
    size = len(ids)
    merges = [["a", "b"]] if "ab" in ids and "a" in ids and "b" in ids else []
    own = [dict(id=rng.choice([size + i, size + i, 50 + 3 * i, 2]), content=n, **flags(rng))
           for i, n in enumerate(rng.sample(NAMES, rng.randint(0, 4)))]
    normalizer = {"type": "Lowercase"} if rng.random() < 0.3 else None
    padding = None
    if rng.random() < 0.1:
        padding = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None,
                   "pad_id": 0, "pad_type_id": 0, "pad_token": "<|p|>"}
    folder = {"config.json": {"model_type": "llama", "vocab_size": 99}}
    folder["tokenizer.json"] = {
        "version": "1.0", "truncation": None, "padding": padding, "added_tokens": own,
        "normalizer": normalizer, "pre_tokenizer": None, "post_processor": None,
        "decoder": {"type": "Fuse"},
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": ids, "merges": merges}}
    if rng.random() < 0.9:
        settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
        for role in ROLES:
            if rng.random() < 0.3:
                settings[role] = named(rng, rng.choice(NAMES))
            elif rng.random() < 0.05:
                settings[role] = None
        kind = rng.random()
        if kind < 0.2:
            settings["additional_special_tokens"] = rng.sample(NAMES, 2)
        elif kind < 0.4:
            settings["extra_special_tokens"] = rng.sample(NAMES, 2)
        elif kind < 0.5:
            settings["extra_special_tokens"] = {"x_token": rng.choice(NAMES)}
        elif kind < 0.55:
            settings["extra_special_tokens"] = {}
            settings["additional_special_tokens"] = [rng.choice(NAMES)]
        elif kind < 0.6:
            settings["extra_special_tokens"] = {"x_token": rng.choice(NAMES)}
            settings["additional_special_tokens"] = [rng.choice(NAMES)]
        if rng.random() < 0.5:
            settings["added_tokens_decoder"] = {
                str(rng.choice([size, 40]) + i * rng.choice([1, 2])): dict(content=n, **flags(rng))
                for i, n in enumerate(rng.sample(NAMES, rng.randint(0, 4)))}
        folder["tokenizer_config.json"] = settings
    if rng.random() < 0.5:
        folder["added_tokens.json"] = {
            n: size + 10 - 2 * i for i, n in enumerate(rng.sample(NAMES, rng.randint(0, 3)))}
    if rng.random() < 0.5:
        chosen = {role: named(rng, rng.choice(NAMES), typed=False)
                  for role in ROLES if rng.random() < 0.3}
        if rng.random() < 0.3:
            chosen["additional_special_tokens"] = rng.sample(NAMES, 2)
        elif rng.random() < 0.2:
            chosen["extra_special_tokens"] = rng.sample(NAMES, 2)
        folder["special_tokens_map.json"] = chosen
    return folder


def texts(rng):
    parts = NAMES + ["a", "b", "ab", "c ", " ", "<|A|>", "<ä>", "words", "<|p|>", "o"]
    return ["".join(rng.choices(parts, k=rng.randint(1, 7))) for _ in range(6)]


def collides(folder, tokens):
    """Whether two tokens have one text once normalized, of which the reference takes either, or a new token has the id of
    one in the vocabulary, whose normalized text the reference may then give it."""
    lower = folder["tokenizer.json"]["normalizer"] is not None
    found = [t.content.lower() if lower else t.content for t in tokens.values() if t.normalized]
    ids = folder["tokenizer.json"]["model"]["vocab"]
    taken = any(i in ids.values() and ids.get(t.content) != i for i, t in tokens.items())
    return len(set(found)) < len(found) or lower and taken


def case(rng):
    folder = files(rng)
    written = {name: json.dumps(content, ensure_ascii=False, separators=(",", ":"))
               for name, content in folder.items()}
    with tempfile.TemporaryDirectory() as place:
        for name, content in written.items():
            (Path(place) / name).write_text(content)
        tokenizer = AutoTokenizer.from_pretrained(place)
    added = tokenizer.added_tokens_decoder
    if collides(folder, added):
        return case(rng)
    # The reference names a token special by its latest flags, and leaves it out of texts by all it ever had.
    backend = tokenizer.backend_tokenizer
    return {
        "files": written,
        "added": [[i, t.content, t.single_word, t.lstrip, t.rstrip, t.normalized]
                  for i, t in sorted(added.items())],
        "texts": [{"text": t, "ids": (ids := backend.encode(t).ids), "decoded": backend.decode(ids)}
                  for t in texts(rng)]}


def cases(count, seed):
    rng = random.Random(seed)
    return [case(rng) for _ in range(count)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(
        {"made_by": "Oracles/tokenizers_companions.py", "transformers": transformers.__version__,
         "tokenizers": tokenizers.__version__, "cases": cases(arguments.count, arguments.seed)},
        ensure_ascii=False, separators=(",", ":")) + "\n")
