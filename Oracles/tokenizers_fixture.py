"""Writes the committed fixtures of LowRankTokenizersTests: tiny tokenizers, and what PyPI `tokenizers`
makes of hand-picked texts with them and with the real tokenizers at hand.

    python Oracles/tokenizers_fixture.py
"""

import json
from itertools import accumulate
from pathlib import Path

from tokenizers import __version__

import tokenizers_encoders as encoders
import tokenizers_samples as samples

FOLDER = Path(__file__).parent.parent / "Tests/LowRankTokenizersTests/Fixtures"
TEXTS = [
    "", " ", "Hello world", " Hello  world\n\n", "It's they'LL don\'t 'ſ", "12,345 x1 ٣٤ ½ Ⅷ",
    "é e\u0301 a\u0301\u0323 Å ﬁ İ ǅ ß 한국", "ЁЖ 東京 नमस्ते 👩‍👩‍👧 🇩🇪", "\t\r\n \u3000\u00a0x\x00\u200b",
    "McDonald iPhone USA's //x", "<s>a <mask> b</s><|endoftext|>", "word wordy Hello[X]  hello",
    "▁a ▁▁b_c-d… „x“ $+", "aaaaaaaaaaaaaaaa" * 5,
]
# For WordPiece alone, so that the numbers of the others stay.
BERT_TEXTS = ["[CLS] a[MASK]b [sep]", "unaffable ÀÉÎ Łódź", "x" * 101, "天地玄黃a宇宙\U0002b740\ufffd\u00ad",
              "don 't do not , I 'm ."]
# For unigram models, and for the folders that have no tokenizer.json.
ENCODER_TEXTS = ["\ufb01ne\u00a0 \u200bcafe\u0301 CAFÉ\u0301\u0301 e\u0301\u0302", "\u200b\u200bquick \x01fox", "wait…\r\nfor\tit ",
                 "[CLS]the [MASK] fox[SCORE][X]<mask>abcabc", "over, the (lazy) 'dog' 12 ``x''",
                 "<unk><unk>ü<0x41>", "<s>The</s> 東京 Zürich  "]
ENCODERS = ["t5", "albert", "xlm-roberta", "folder-bert", "folder-distilbert", "folder-roberta",
            "folder-roberta-prefixed", "folder-gpt2", "folder-deberta", "folder-deberta-lower",
            "folder-xlm-roberta"]
NAMES = ["llama3", "qwen2", "o200k", "roberta", "llama2", "metaspace-first", "plain",
         "punctuation", "added", "bert-uncased", "bert-cased"]


def case(tokenizer, text, loses_count):
    encoding = tokenizer.encode(text)
    before = [0, *accumulate(len(c.encode()) for c in text)]
    # Nothing where the reference has lost count.
    offsets = None if loses_count(text) else [before[i] for pair in encoding.offsets for i in pair]
    return {
        "text": text, "ids": encoding.ids, "special": encoding.special_tokens_mask,
        "offsets": offsets,
        "decoded": tokenizer.decode(encoding.ids)}


def main():
    samples.TRAINING |= {"texts": samples.CORPUS[:4], "merges": 60}
    tokenizers = {name: t for name, t in samples.synthetic().items() if name in NAMES}
    small = encoders.unigrams(small=True) | encoders.folders(small=True)
    tokenizers |= {name: small[name] for name in ENCODERS}
    for name, tokenizer in (tokenizers | samples.real()).items():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        if isinstance(tokenizer, dict):
            tokenizer = encoders.write(tokenizer, FOLDER / name)
        elif name in tokenizers:
            tokenizer.save(str(FOLDER / name / "tokenizer.json"), pretty=False)
        more = BERT_TEXTS if name.startswith("bert") else ENCODER_TEXTS if name in ENCODERS else []
        if more:
            pairs = samples.pairs(tokenizer, TEXTS + more, seed=3)
            (FOLDER / name / "pairs.json").write_text(
                json.dumps(pairs, separators=(",", ":")).replace("},{", "},\n{") + "\n")
        # This one leaves out what it does not know, and its offsets with it.
        texts = ["", "emma", "<|endoftext|>anna"] if name == "gpt2-names" else TEXTS + more
        loses_count = encoders.loses_count(tokenizer)
        cases = {"script": "Oracles/tokenizers_fixture.py", "tokenizers": __version__,
                 "cases": [case(tokenizer, text, loses_count) for text in texts]}
        (FOLDER / name / "cases.json").write_text(
            json.dumps(cases, separators=(",", ":")).replace('},{"text"', '},\n{"text"') + "\n")


if __name__ == "__main__":
    main()
