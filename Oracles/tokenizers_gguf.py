"""Makes GGUF files with small vocabularies of every kind, and writes what transformers makes of hard texts with them.

    python Oracles/tokenizers_gguf.py FOLDER [COUNT [NAME...]]
    LOWRANK_TOKENIZER_ORACLE=FOLDER swift test --filter TokenizerConformance
    python Oracles/tokenizers_gguf.py --check FOLDER [NAME...]
    python Oracles/tokenizers_gguf.py --program PROGRAM FOLDER [NAME...]
    python Oracles/tokenizers_gguf.py --fixture

FOLDER gets a folder for each kind with model.gguf, its metadata as vocabulary.json, and the cases.bin and pairs.json
of tokenizers_conformance.py. LOWRANK_GEMMA names a folder with a real Gemma 3 as a .gguf file and as hf/; it becomes
the kind "gemma-3". The Swift test writes a folder ours/ with a tokenizer.json and a tokenizer_config.json beside each;
--check loads these with tokenizers and with transformers. --program compares the ids that a program prints: it is
called with the path of the .gguf file, reads a text in JSON from each line, and writes a list of ids for each.
--fixture writes the committed fixtures.

The reference is transformers' own reading of the GGUF file. Where it differs from the models' own tokenizers, it is
corrected as CORRECTIONS says.
"""

import io
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from gguf import GGUFReader, GGUFWriter
from tokenizers import Tokenizer, pre_tokenizers
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

import tokenizers_encoders as encoders
import tokenizers_fixture as fixture
import tokenizers_samples as samples
from tokenizers_conformance import real_texts, record

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
WORDS = {"gpt-2": None, "llama-bpe": samples.LLAMA3, "smaug-bpe": samples.LLAMA3, "dbrx": samples.LLAMA3,
         "qwen2": samples.QWEN2, "deepseek-r1-qwen": samples.QWEN2, "qwen35": samples.QWEN35,
         "gpt-4o": samples.O200K, "tekken": samples.TEKKEN}


def trained_sentencepiece(prefix, special, user_defined, size):
    """A byte-pair model of SentencePiece with the pieces, scores and types that converters write."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(samples.TRAINING["texts"]), model_writer=model, model_type="bpe", vocab_size=size,
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        add_dummy_prefix=prefix, split_digits=True, allow_whitespace_only_pieces=True, hard_vocab_limit=False,
        user_defined_symbols=user_defined, minloglevel=2, **special)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    tokens, scores, types = [], [], []
    for index in range(processor.get_piece_size()):
        token, score, kind = processor.id_to_piece(index), processor.get_score(index), NORMAL
        if processor.is_unknown(index):
            kind = UNKNOWN
        elif processor.is_control(index):
            kind = CONTROL
        elif processor.is_byte(index):
            kind = BYTE
        if token in user_defined:
            # Converters spell the spaces of such tokens as spaces.
            token, score, kind = token.replace("▁", " "), -1000.0, USER_DEFINED
        tokens.append(token)
        scores.append(score)
        types.append(kind)
    return processor, {"model": "llama", "pre": "default", "tokens": tokens, "scores": scores, "types": types}


def llama(small):
    _, fields = trained_sentencepiece(
        True, {"unk_id": 0, "bos_id": 1, "eos_id": 2}, ["<|im_start|>"], 620 if small else 1500)
    # Converters add a special token that other tools append, and rows to match the model.
    count = len(fields["tokens"])
    fields["tokens"] += ["<|im_end|>", f"[PAD{count + 1}]", f"[PAD{count + 2}]"]
    fields["scores"] += [-1000.0, -1000.0, -1000.0]
    fields["types"] += [CONTROL, UNUSED, UNUSED]
    return fields | {"begin": 1, "end": 2, "unknown": 0}


def phi3(small):
    fields = llama(small)
    return fields | {"name": "Phi 3 Mini", "addsBegin": True, "addsEnd": True}


def gemma(small):
    spaces = ["▁" * count for count in range(2, 8)]
    _, fields = trained_sentencepiece(
        False, {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "eos_piece": "<eos>", "bos_piece": "<bos>"},
        ["<start_of_turn>", "<end_of_turn>", "\n", "\n\n", *spaces, "</s>"], 620 if small else 1500)
    # Gemma has its unknown token, and those of a turn, as control tokens.
    for token in ("<unk>", "<start_of_turn>", "<end_of_turn>"):
        fields["types"][fields["tokens"].index(token)] = CONTROL
    return fields | {"begin": 2, "end": 1, "unknown": 3, "padding": 0, "addsBegin": True, "addsEnd": False,
                     "addsSpacePrefix": False}


def byte_level(pre, special, user_defined=(), unused=2, **more):
    words = WORDS.get(pre)
    if pre == "smollm":
        cut = pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    else:
        cut = samples.split(words) if words else pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = samples.byte_level(cut, special=special)
    state = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(state["vocab"].items(), key=lambda item: item[1])]
    types = [CONTROL if token in special else NORMAL for token in tokens]
    merges = [m if isinstance(m, str) else " ".join(m) for m in state["merges"]]
    # Training finds no merges across the ends of words, so wrong ends would make no difference.
    for merge in ("I '", "' s", "x Ì", "1 2", "2 3", "3 4", "Ċ Ċ", "Ċ /", "! Ċ", "i P", "s Ġ", "Ġ Ġ"):
        if merge.replace(" ", "") not in tokens:
            tokens.append(merge.replace(" ", ""))
            types.append(NORMAL)
            merges.append(merge)
    # No merges make these; a word that is one of them is that token in some vocabularies, and is not in others.
    for token in ("Ġword", "Ġwordy", "ĠHello"):
        if token not in tokens:
            tokens.append(token)
            types.append(NORMAL)
    for token in user_defined:
        tokens.append(token)
        types.append(USER_DEFINED)
    for _ in range(unused):
        tokens.append(f"[PAD{len(tokens)}]")
        types.append(UNUSED)
    named = {key: tokens.index(token) for key, token in more.items() if isinstance(token, str)}
    flags = {key: value for key, value in more.items() if not isinstance(value, str)}
    return {"model": "gpt2", "pre": pre, "tokens": tokens, "types": types, "merges": merges, **named, **flags}


LLAMA3 = ["<|begin_of_text|>", "<|eot_id|>", "<|end_of_text|>"]
QWEN = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
DEEPSEEK = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>"]
KINDS = {
    "llama": ("llama", llama),
    "phi3": ("phi3", phi3),
    "gemma": ("gemma3", gemma),
    "gpt-2": ("llama", lambda _: byte_level("gpt-2", ["<|endoftext|>"], begin="<|endoftext|>", end="<|endoftext|>")),
    "smollm": ("llama", lambda _: byte_level("smollm", QWEN, begin="<|im_start|>", end="<|im_end|>")),
    "llama-bpe": ("llama", lambda _: byte_level(
        "llama-bpe", LLAMA3, begin=LLAMA3[0], end=LLAMA3[1], endOfTurn=LLAMA3[1])),
    "smaug-bpe": ("llama", lambda _: byte_level("smaug-bpe", LLAMA3, begin=LLAMA3[0], end=LLAMA3[2])),
    "dbrx": ("phi3", lambda _: byte_level("dbrx", QWEN, begin=QWEN[0], end=QWEN[2], addsBegin=False)),
    "qwen2": ("qwen2", lambda _: byte_level(
        "qwen2", QWEN, ["<think>", "<tool_call>"], begin=QWEN[0], end=QWEN[2], padding=QWEN[0], addsBegin=False)),
    "deepseek-r1-qwen": ("qwen2", lambda _: byte_level(
        "deepseek-r1-qwen", DEEPSEEK, ["<think>"], begin=DEEPSEEK[0], end=DEEPSEEK[1], addsBegin=True,
        addsEnd=False)),
    "qwen35": ("qwen3", lambda _: byte_level("qwen35", QWEN, begin=QWEN[0], end=QWEN[2], addsBegin=False)),
    "gpt-4o": ("phi3", lambda _: byte_level(
        "gpt-4o", ["<|endoftext|>", "<|end|>"], begin="<|endoftext|>", end="<|end|>", addsEnd=True)),
    "tekken": ("llama", lambda _: byte_level("tekken", ["<unk>", "<s>", "</s>", "[INST]"], begin="<s>", end="</s>")),
}


def spaced(state):
    state["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    state["pre_tokenizer"] = None


def stripped(state):
    for token in state["added_tokens"]:
        token["rstrip"] = token["content"] not in ("<unk>", "<s>", "<|endoftext|>")


def composed(state):
    state["normalizer"] = {"type": "NFC"}


def whole_words(state):
    state["model"]["ignore_merges"] = True


def digits(state):
    state["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]}


def as_written(state):
    """Control tokens of characters that are not in the alphabet of bytes."""
    alphabet = bytes_to_unicode()
    spelled = {"".join(alphabet[byte] for byte in token.encode()): token for token in DEEPSEEK}
    state["model"]["vocab"] = {spelled.get(t, t): i for t, i in state["model"]["vocab"].items()}
    # What transformers adds in their place has no rows in the model.
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] not in DEEPSEEK] + [
        {"id": state["model"]["vocab"][token], "content": token, "single_word": False, "lstrip": False,
         "rstrip": False, "normalized": False, "special": True} for token in DEEPSEEK]
    state["added_tokens"].sort(key=lambda token: token["id"])
    for token, known in state["post_processor"]["special_tokens"].items():
        known["ids"] = [state["model"]["vocab"][token]]


# What transformers does otherwise than the models' own tokenizers.
CORRECTIONS = {
    # Llama 2's, Mistral's and SentencePiece's own put a space before each text, also one that begins with a space, and
    # after special tokens; so does llama.cpp.
    "llama": [spaced],
    # Phi-3's own special tokens take the white space after them along; llama.cpp knows that by the model's name.
    "phi3": [spaced, stripped],
    # Qwen's own tokenizers normalize; llama.cpp does not.
    "qwen2": [composed], "qwen35": [composed],
    # DeepSeek's own control tokens have characters that transformers takes for a mistake of the converter.
    "deepseek-r1-qwen": [composed, as_written],
    # A word that is a token of Llama 3's or Mistral's is that token.
    "llama-bpe": [whole_words], "smaug-bpe": [whole_words], "tekken": [whole_words],
    # SmolLM's own tokenizer cuts numbers into numerals.
    "smollm": [digits],
}
# The begin token where the file does not say whether it is added; transformers adds it to "llama" alone.
ADDS_BEGIN = {"llama-bpe", "tekken"}

KEYS = {"begin": "bos_token_id", "end": "eos_token_id", "unknown": "unknown_token_id", "padding": "padding_token_id",
        "separator": "seperator_token_id", "mask": "mask_token_id", "endOfTurn": "eot_token_id",
        "addsBegin": "add_bos_token", "addsEnd": "add_eos_token", "addsSpacePrefix": "add_space_prefix"}


def write_gguf(path, architecture, fields):
    writer = GGUFWriter(str(path), architecture)
    if "name" in fields:
        writer.add_name(fields["name"])
    # transformers makes a configuration of these.
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(8)
    writer.add_feed_forward_length(16)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(8)
    writer.add_vocab_size(len(fields["tokens"]))
    writer.add_tokenizer_model(fields["model"])
    writer.add_tokenizer_pre(fields["pre"])
    writer.add_token_list(fields["tokens"])
    if "scores" in fields:
        writer.add_token_scores(fields["scores"])
    writer.add_token_types(fields["types"])
    if "merges" in fields:
        writer.add_token_merges(fields["merges"])
    for key, name in KEYS.items():
        if key not in fields:
            continue
        add = writer.add_bool if isinstance(fields[key], bool) else writer.add_uint32
        add(f"tokenizer.ggml.{name}", fields[key])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read_gguf(path):
    """The fields of a file that exists."""
    reader = GGUFReader(str(path))

    def value(key):
        field = reader.fields.get(key)
        return None if field is None else field.contents()

    fields = {"name": value("general.name")}
    for key, name in {"model": "model", "pre": "pre", "tokens": "tokens", "scores": "scores", "types": "token_type",
                      "merges": "merges", **KEYS}.items():
        fields[key] = value(f"tokenizer.ggml.{name}")
    return {key: found for key, found in fields.items() if found is not None}


def reference(folder, name, file, count):
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    if name in ADDS_BEGIN:
        tokenizer.add_bos_token = True
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    for correct in CORRECTIONS.get(name, []):
        correct(state)
    # Its classes add tokens that the file lacks, such as <mask>, which the model has no rows for.
    state["added_tokens"] = [token for token in state["added_tokens"] if token["id"] < count]
    return Tokenizer.from_str(json.dumps(state))


def text_of(fields):
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def make(folder, small=False):
    """The kinds with their references; each file is written to `folder`."""
    for name, (architecture, fields) in KINDS.items():
        fields = fields(small)
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        write_gguf(place / "model.gguf", architecture, fields)
        (place / "vocabulary.json").write_text(text_of(fields) + "\n")
        yield name, reference(place, name, "model.gguf", len(fields["tokens"])), fields
    gemma = os.environ.get("LOWRANK_GEMMA")
    if gemma and not small:
        place = folder / "gemma-3"
        place.mkdir(parents=True, exist_ok=True)
        file = next(Path(gemma).glob("*.gguf"))
        (place / "model.gguf").unlink(missing_ok=True)
        (place / "model.gguf").symlink_to(file)
        fields = read_gguf(file)
        (place / "vocabulary.json").write_text(text_of(fields) + "\n")
        yield "gemma-3", Tokenizer.from_file(f"{gemma}/hf/tokenizer.json"), fields


def hard_texts(count, fields):
    """Random texts, and texts with the vocabulary's own added tokens in all places."""
    special = [t for t, kind in zip(fields["tokens"], fields["types"]) if kind in (UNKNOWN, CONTROL, USER_DEFINED)]
    generator = samples.random.Random(5)
    texts = samples.texts(count, seed=1)
    for index in range(0, len(texts), 10):
        pieces = [texts[index], " ", "\n", generator.choice(special), texts[index + 1]]
        texts[index] = "".join(generator.sample(pieces, 4) + [generator.choice(special)])
    return texts


def read_texts():
    """Text of all data sets at hand, by pieces of at most a few thousand characters."""
    texts = real_texts()
    for file in sorted((samples.ASSETS / "data").rglob("*")):
        if file.suffix in (".json", ".jsonl", ".tsv", ".csv", ".txt") and file.is_file():
            whole = file.read_text(errors="ignore")[:400_000]
            texts += [whole[start:start + 4000] for start in range(0, len(whole), 4000)]
    return texts


def conformance(folder, count, names):
    real = read_texts()
    for name, tokenizer, fields in make(folder):
        if names and name not in names:
            continue
        texts = hard_texts(count, fields) + real
        loses_count = encoders.loses_count(tokenizer)
        with open(folder / name / "cases.bin", "wb") as file:
            for text in texts:
                file.write(record(tokenizer, text, loses_count))
        pairs = samples.pairs(tokenizer, texts[: max(50, count // 20)], seed=2)
        (folder / name / "pairs.json").write_text(json.dumps(pairs))
        print(f"{name}: {len(texts)} texts, {len(fields['tokens'])} tokens", flush=True)


def cases(file):
    """The texts of cases.bin with their ids."""
    data = file.read_bytes()
    at = 0

    def take(size):
        nonlocal at
        at += size
        return data[at - size:at]

    while at < len(data):
        text = take(struct.unpack("<I", take(4))[0]).decode()
        count = struct.unpack("<I", take(4))[0]
        ids = list(struct.unpack(f"<{count}i", take(4 * count)))
        take(9 * count)
        take(struct.unpack("<I", take(4))[0])
        take(struct.unpack("<I", take(4))[0])
        yield text, ids


def folders(folder, names):
    return [place for place in sorted(folder.iterdir()) if (place / "vocabulary.json").exists()
            and (not names or place.name in names)]


def check(folder, names):
    """Loads what our tokenizers write with tokenizers and with transformers."""
    model_types = {"gemma": "gemma3_text", "gemma-3": "gemma3_text", "phi3": "phi3", "dbrx": "phi3",
                   "gpt-4o": "phi3", "smaug-bpe": "smollm3", "qwen2": "qwen2", "deepseek-r1-qwen": "qwen2",
                   "qwen35": "qwen3", "tekken": "mistral"}
    wrong = 0
    for place in folders(folder, names):
        ours = place / "ours"
        (ours / "config.json").write_text(json.dumps({"model_type": model_types.get(place.name, "llama")}))
        plain = Tokenizer.from_file(str(ours / "tokenizer.json"))
        loaded = AutoTokenizer.from_pretrained(ours)
        fields = json.loads((place / "vocabulary.json").read_text())
        texts = list(cases(place / "cases.bin"))
        bad = [t for t, ids in texts if plain.encode(t).ids != ids]
        # Texts of transformers are encoded at once, which is many times faster.
        encoded = loaded([t for t, _ in texts])["input_ids"]
        bad += [t for (t, ids), found in zip(texts, encoded) if found != ids]
        for key, token in {"begin": loaded.bos_token_id, "end": loaded.eos_token_id,
                           "padding": loaded.pad_token_id}.items():
            if key in fields and token != fields[key]:
                bad.append(f"{key} is {token}, expected {fields[key]}")
        wrong += len(bad)
        print(f"{place.name}: {len(texts)} texts, {len(bad)} differences {bad[:3]}, {type(loaded).__name__}",
              flush=True)
    return wrong


def run_program(program, folder, names):
    wrong = 0
    for place in folders(folder, names):
        texts = list(cases(place / "cases.bin"))
        lines = "".join(json.dumps(text) + "\n" for text, _ in texts)
        output = subprocess.run([program, str(place / "model.gguf")], input=lines.encode(), capture_output=True,
                                check=True).stdout.decode().split("\n")
        bad = [text for (text, ids), line in zip(texts, output) if json.loads(line) != ids]
        wrong += len(bad)
        print(f"{place.name}: {len(texts)} texts, {len(bad)} differences {bad[:3]}", flush=True)
    return wrong


def write_fixtures():
    samples.TRAINING |= {"texts": samples.CORPUS, "merges": 60}
    with tempfile.TemporaryDirectory() as folder:
        for name, tokenizer, fields in make(Path(folder), small=True):
            special = [t for t, kind in zip(fields["tokens"], fields["types"]) if kind in (CONTROL, USER_DEFINED)]
            texts = fixture.TEXTS + [f" a{token} b {token}\n\n12c" for token in special]
            texts += ["the    lazy  dog, 12345 times", "  two", "क्षि ก็ำ x\u0301y", "HTMLParser's iPhone15",
                      "I'll I's !\n/x x12 x1234"]
            place = fixture.FOLDER / f"gguf-{name}"
            place.mkdir(parents=True, exist_ok=True)
            (place / "vocabulary.json").write_text(text_of(fields) + "\n")
            loses_count = encoders.loses_count(tokenizer)
            found = {"script": "Oracles/tokenizers_gguf.py", "transformers": transformers.__version__,
                     "cases": [fixture.case(tokenizer, text, loses_count) for text in texts]}
            (place / "cases.json").write_text(
                json.dumps(found, separators=(",", ":")).replace('},{"text"', '},\n{"text"') + "\n")


def main(arguments):
    if arguments[0] == "--fixture":
        return write_fixtures()
    if arguments[0] == "--check":
        sys.exit(check(Path(arguments[1]), arguments[2:]) > 0)
    if arguments[0] == "--program":
        sys.exit(run_program(arguments[1], Path(arguments[2]), arguments[3:]) > 0)
    count = int(arguments[1]) if len(arguments) > 1 else 20_000
    print(f"transformers {transformers.__version__}")
    conformance(Path(arguments[0]), count, arguments[2:])


if __name__ == "__main__":
    main(sys.argv[1:])
