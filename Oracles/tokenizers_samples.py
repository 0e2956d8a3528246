"""Small tokenizers of every kind, and texts that are hard for them; shared by the scripts beside it."""

import json
import os
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

ASSETS = Path(
    os.environ.get("LOWRANK_ASSETS", Path(__file__).resolve().parents[2] / "shared/assets"))

TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEKKEN = O200K.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")
QWEN35 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CORPUS = [
    "The quick brown fox jumps over the lazy dog. It's 12,345 o'clock, and they'll be there!",
    "First Citizen: Before we proceed any further, hear me speak. All: Speak, speak.",
    "Schöne Grüße aus Köln: Übermäßig süße Äpfel für 3,50 € das Kilo.",
    "L'été dernier, nous avons mangé des crêpes à l'île de Ré; c'était délicieux.",
    "Съешь ещё этих мягких французских булок, да выпей же чаю.",
    "東京特許許可局の局長は今日も急遽休暇許可を却下した。", "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。",
    "다람쥐 헌 쳇바퀴에 타고파. 키스의 고유조건은 입술끼리 만나야 하고.",
    "نص حكيم له سر قاطع وذو شأن عظيم", "दूसरों की सहायता करना सबसे बड़ा धर्म है।",
    "Xin chào thế giới! Tôi yêu tiếng Việt.", "İstanbul'da ığdır, şöyle böyle çalışıyor.",
    "def main(argv):\n    return {k: v for k, v in enumerate(argv)}\n\n\nif x == 10:\t# ok\r\n",
    "😀 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ 2️⃣ e\u0301 n\u0303 A\u030a",
]

SPACES = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2003", "\u2028",
          "\x85", "\x0b", "\x0c", "\x1c", "\u200b", "\ufeff", " \n", "\n ", "\u1680", "▁", "▁▁"]
PIECES = ["'s", "'S", "'ll", "'LL", "'Ve", "'ſ", "'t", "'re", "'", "’s", "word", "Word", "WORD",
          "iPhone", "McDonald", "don't", "I'M", "x1", "123", "1234567", "3.14", "½", "²", "Ⅷ", "٣٤",
          "१२३", "é", "e\u0301", "\u0301", "\u0323\u0301", "a\u0301\u0323", "Å", "Å", "ﬁ", "ǆ", "ǅ",
          "ß", "ẞ", "İ", "ı", "ʕ", "한국", "\u1112\u1161\u11ab", "한\u11ab", "\u0344", "\u0f73",
          "क्ष", "ก็", "ำ", "ب\u0651\u064e", "🤔", "👨‍👩‍👧", "🏳️‍🌈", "🇫🇷", "👍🏿", "1️⃣",
          "_", "__", "...", "!!", "?!", "--", "/", "//", "</s>", "<s>", "<unk>", "<|endoftext|>",
          "<mask>", "[X]", " [X] ", "Hello", "hello", "abcabc", "abc", "$", "+", "^", "`", "|", "~",
          "„Zitat“", "«oui»", "…", "、", "。", "\u0000", "\u0007", "\u001b", "\u007f", "\u009f",
          "\u200d", "\u200c", "\u2060", "\ufffd", "\ue000", "\U0010ffff", "\U000e0041", "µ", "ª",
          "\u166d", "\U000111c9", "\u1cf2", "𝔾𝕠", "㍿", "ﷺ", "々", "ー", "ｱ", "Ａ", "１",
          "<0x0A>", "<0x41>", "Ġ", "Ċ", "ĠĠa", "##x", "</w>", "fi", "aaaaaaaa", "=" * 20]
BLOCKS = [(0x00, 0x80), (0x80, 0x180), (0x180, 0x250), (0x250, 0x370), (0x370, 0x590),
          (0x590, 0x900), (0x900, 0x1000), (0x1000, 0x1200), (0x1200, 0x2000), (0x2000, 0x2100),
          (0x2100, 0x2C00), (0x2C00, 0x3100), (0x3100, 0x4E00), (0x4E00, 0xA000), (0xA000, 0xAC00),
          (0xAC00, 0xD7A4), (0xF900, 0xFE00), (0xFE00, 0x10000), (0x10000, 0x11000),
          (0x11000, 0x12000), (0x16000, 0x17000), (0x1D000, 0x1E000), (0x1E000, 0x1F000),
          (0x1F000, 0x1FC00), (0x2F800, 0x2FA20), (0xE0000, 0xE0200)]


def scalar(generator):
    while True:
        kind = generator.random()
        if kind < 0.7:
            value = generator.randrange(*generator.choice(BLOCKS))
        elif kind < 0.9:
            value = generator.randrange(0x20, 0x7F)
        else:
            value = generator.randrange(0x110000)
        if not 0xD800 <= value < 0xE000:
            return chr(value)


def text(generator):
    """One hard text: words, spaces of all kinds, and scalars from all over Unicode."""
    parts = []
    style = generator.random()
    for _ in range(generator.randrange(1, 14)):
        kind = generator.random()
        if style < 0.2:
            parts.append(scalar(generator))
        elif kind < 0.3:
            parts.append(generator.choice(PIECES))
        elif kind < 0.5:
            parts.append(generator.choice(SPACES))
        elif kind < 0.65:
            words = generator.choice(CORPUS).split(" ")
            start = generator.randrange(len(words))
            parts.append(" ".join(words[start : start + generator.randrange(1, 4)]))
        elif kind < 0.75:
            parts.append(" ")
        elif kind < 0.8:
            block = generator.choice(BLOCKS)
            parts.append(chr(generator.randrange(*block)) * generator.randrange(1, 4))
        else:
            parts.append(scalar(generator))
    return "".join(parts)


def texts(count, seed):
    generator = random.Random(seed)
    return [text(generator) for _ in range(count)]


# What the synthetic tokenizers are trained on, and how large they become beyond their alphabet.
TRAINING = {"texts": CORPUS * 3 + texts(300, 7), "merges": 500}


def train(tokenizer, special=(), alphabet=()):
    special = list(special)
    size = TRAINING["merges"] + len(special) + max(
        len(alphabet), len(set("".join(TRAINING["texts"]))))
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=sorted(alphabet),
        show_progress=False)
    tokenizer.train_from_iterator(TRAINING["texts"], trainer)
    return tokenizer


def byte_level(pre_tokenizer, normalizer=None, special=("<|endoftext|>",), **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    return train(tokenizer, special, pre_tokenizers.ByteLevel.alphabet())


def characters(normalizer=None, pre_tokenizer=None, decoder=None, special=("<unk>",),
               fallback=False, **options):
    special = list(special) + ([f"<0x{b:02X}>" for b in range(256)] if fallback else [])
    tokenizer = Tokenizer(models.BPE(byte_fallback=fallback, **options))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    if decoder:
        tokenizer.decoder = decoder
    # Words are cut for training alone where the tokenizer itself cuts none.
    if not pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    train(tokenizer, special)
    if not pre_tokenizer:
        tokenizer.pre_tokenizer = None
    if fallback:
        # The bytes were only put in as special tokens to give them ids.
        state = json.loads(tokenizer.to_str())
        state["added_tokens"] = [
            t for t in state["added_tokens"] if not t["content"].startswith("<0x")]
        tokenizer = Tokenizer.from_str(json.dumps(state))
    return tokenizer


def word_piece(normalizer, special=("[UNK]", "[CLS]", "[SEP]", "[MASK]"), prefix="##", cleanup=True,
               **options):
    tokenizer = Tokenizer(models.WordPiece(
        unk_token="[UNK]", continuing_subword_prefix=prefix, **options))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=prefix, cleanup=cleanup)
    # A letter is a token twice: where it starts a word, and where it does not.
    size = TRAINING["merges"] + len(special) + 2 * len(set("".join(TRAINING["texts"])))
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=list(special), continuing_subword_prefix=prefix,
        show_progress=False)
    # The trainer puts another model, with the options left out, in the place of this one.
    tokenizer.train_from_iterator(TRAINING["texts"], trainer)
    state = json.loads(tokenizer.to_str())
    state["model"] |= {"unk_token": "[UNK]", "continuing_subword_prefix": prefix} | options
    return Tokenizer.from_str(json.dumps(state))


def pairs(tokenizer, texts, seed):
    """What becomes of pairs of texts: plain, without special tokens, and cut; none where it cannot."""
    generator = random.Random(seed)
    result = []
    for first in texts:
        second = generator.choice(texts)
        strategy = generator.choice(["longest_first", "only_first", "only_second"])
        longest = generator.choice([None, 4, 5, 8, 13, 30])
        special = generator.random() < 0.8
        if longest:
            tokenizer.enable_truncation(longest, strategy=strategy)
        case = {"first": first, "second": second, "strategy": strategy, "longest": longest,
                "special": special}
        try:
            encoding = tokenizer.encode(first, second, add_special_tokens=special)
            case |= {"ids": encoding.ids, "types": encoding.type_ids,
                     "mask": encoding.special_tokens_mask}
        except Exception as error:
            assert "too short" in str(error), error
        tokenizer.no_truncation()
        result.append(case)
    return result


def around(before=(), after=(), tokenizer=None):
    ids = {token: tokenizer.token_to_id(token) for token in (*before, *after)}
    return processors.TemplateProcessing(
        single=" ".join([*before, "$A", *after]), special_tokens=list(ids.items()))


def split(expression):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(expression), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


LLAMA2_DECODER = decoders.Sequence([
    decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])


def synthetic():
    """Tokenizers by name, each trained in a moment."""
    N, P = normalizers, pre_tokenizers
    result = {}

    t = byte_level(split(LLAMA3), special=["<|begin_of_text|>", "<|eot_id|>"], ignore_merges=True)
    t.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), around(["<|begin_of_text|>"], tokenizer=t)])
    result["llama3"] = t
    t = byte_level(split(QWEN2), normalizer=N.NFC())
    t.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    result["qwen2"] = t
    result["o200k"] = byte_level(split(O200K))
    t = byte_level(P.ByteLevel(add_prefix_space=True), special=["<s>", "</s>", "<mask>"])
    t.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    t.post_processor = processors.RobertaProcessing(
        ("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")))
    result["roberta"] = t
    t = byte_level(P.ByteLevel(add_prefix_space=False))
    t.post_processor = processors.ByteLevel(trim_offsets=True)
    t.add_tokens([" [X] ", "\u3000pad\n"])
    result["trimming"] = t
    result["falcon"] = byte_level(P.Sequence([
        P.Punctuation("contiguous"), P.ByteLevel(add_prefix_space=False), P.Digits(False)]))
    result["digits"] = byte_level(P.Sequence([
        P.Digits(individual_digits=True), P.ByteLevel(add_prefix_space=False, use_regex=True)]))

    prepended = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")])
    t = characters(normalizer=prepended, decoder=LLAMA2_DECODER, fallback=True,
                   special=["<unk>", "<s>", "</s>"], unk_token="<unk>", fuse_unk=True)
    t.post_processor = around(["<s>"], ["</s>"], t)
    result["llama2"] = t
    for name, scheme, cut in [("metaspace-first", "first", False), ("metaspace", "always", True),
                              ("metaspace-never", "never", True)]:
        metaspace = P.Metaspace("▁", scheme, cut)
        t = characters(pre_tokenizer=metaspace, fallback=True, unk_token="<unk>", fuse_unk=True,
                       special=["<unk>", "<s>"], decoder=decoders.Sequence([
                           decoders.ByteFallback(), decoders.Metaspace("▁", scheme, cut)]))
        result[name] = t
    t = characters(normalizer=prepended, unk_token="<unk>")
    result["unknown"] = t
    result["unknown-fused"] = characters(
        normalizer=N.NFKC(), pre_tokenizer=P.Metaspace(), unk_token="<unk>", fuse_unk=True)
    result["plain"] = characters(
        normalizer=N.Sequence([N.NFKD(), N.Lowercase(), N.StripAccents()]),
        pre_tokenizer=P.Whitespace(), unk_token="<unk>", decoder=decoders.BPEDecoder("x"))
    result["punctuation"] = characters(
        normalizer=N.Sequence([N.NFD(), N.Strip(), N.Replace(Regex(r"\s+"), " ")]),
        pre_tokenizer=P.Sequence([
            P.WhitespaceSplit(), P.Punctuation("merged_with_previous"), P.Digits()]),
        unk_token="<unk>")
    t = characters(normalizer=N.Sequence([N.NFC(), N.Lowercase(), N.Replace("ab", "")]),
                   pre_tokenizer=P.WhitespaceSplit(), unk_token="<unk>")
    t.add_tokens([AddedToken("Hello", normalized=True), AddedToken("word", single_word=True),
                  AddedToken("é", normalized=True), AddedToken("abcabc", normalized=False)])
    t.add_special_tokens([AddedToken("[X]", lstrip=True, rstrip=True),
                          AddedToken("<mask>", rstrip=True, single_word=True),
                          AddedToken("<|endoftext|>"), AddedToken("<|endof")])
    result["added"] = t
    t = word_piece(N.BertNormalizer())
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(s, t.token_to_id(s)) for s in ("[CLS]", "[SEP]")])
    result["bert-uncased"] = t
    t = word_piece(N.BertNormalizer(lowercase=False))
    t.post_processor = processors.BertProcessing(
        ("[SEP]", t.token_to_id("[SEP]")), ("[CLS]", t.token_to_id("[CLS]")))
    result["bert-cased"] = t
    result["bert-accents"] = word_piece(
        N.BertNormalizer(clean_text=False, strip_accents=False), cleanup=False,
        max_input_chars_per_word=6)
    result["bert-stripped"] = word_piece(
        N.BertNormalizer(handle_chinese_chars=False, lowercase=False, strip_accents=True),
        prefix="@")
    for behavior in ["removed", "merged_with_next", "contiguous"]:
        result[f"split-{behavior}"] = characters(
            pre_tokenizer=P.Sequence([
                P.Split(Regex(r"\p{N}{1,3}"), behavior), P.Split("e", behavior, invert=True)]),
            unk_token="<unk>", decoder=decoders.Fuse())
    return result


def real():
    """The real tokenizers at hand, by name."""
    folders = {"gpt2": "tokenizers/gpt2", "stories260K": "models/stories260K",
               "gpt2-names": "models/gpt2-names"}
    return {name: Tokenizer.from_file(str(ASSETS / path / "tokenizer.json"))
            for name, path in folders.items() if (ASSETS / path / "tokenizer.json").exists()}
