"""Tokenizers of encoder models, small: unigram ones, and folders without a tokenizer.json; shared by
the scripts beside it."""

import io
import json
import os
import re
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

import tokenizers_samples as samples

# A map for the fixtures: real ones have a quarter of a million bytes.
SMALL_RULES = "FB01\t66 69\nA0\t20\n9\t20\n200B\t\n1\t\nC9\t65 301\n65 301\tE9\n2026\t2E 2E 2E\nD A\t20\nD\t20\n"
SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]


def sentence_piece(small, rules="nmt_nfkc", **options):
    """The bytes of a SentencePiece model of the training texts."""
    lines = [line for text in samples.TRAINING["texts"] for line in re.split("[\n\r\0]", text) if line]
    output = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        if small:
            file.write(SMALL_RULES)
            file.flush()
            options |= {"normalization_rule_tsv": file.name, "vocab_size": 160}
        else:
            options |= {"normalization_rule_name": rules, "vocab_size": 1500}
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=output, character_coverage=0.98,
            num_threads=1, hard_vocab_limit=False, minloglevel=2, **options)
    return output.getvalue()


def character_map(small, rules="nmt_nfkc"):
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(sentence_piece(small, rules))
    return model.normalizer_spec.precompiled_charsmap


def unigram(normalizer, pre_tokenizer, decoder=None, special=("<unk>",), fallback=False):
    unknown = next(s for s in special if "unk" in s.lower())
    special = list(special) + ([f"<0x{b:02X}>" for b in range(256)] if fallback else [])
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    trainer = trainers.UnigramTrainer(
        vocab_size=samples.TRAINING["merges"] * 2 + len(special), special_tokens=special,
        unk_token=unknown, show_progress=False)
    # The trainer makes a second piece of a special token that the texts contain.
    names = re.compile("|".join(map(re.escape, special)))
    tokenizer.train_from_iterator([names.sub("", t) for t in samples.TRAINING["texts"]], trainer)
    tokenizer.decoder = decoder or decoders.Metaspace()
    state = json.loads(tokenizer.to_str())
    if fallback:
        # The bytes were only put in as special tokens to give them ids.
        state["model"]["byte_fallback"] = True
        state["added_tokens"] = [
            t for t in state["added_tokens"] if not t["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(state))


def bert_template(tokenizer):
    return processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(s, tokenizer.token_to_id(s)) for s in ("[CLS]", "[SEP]")])


def unigrams(small=False):
    """Unigram tokenizers by name, as the files of several families have them."""
    N, P = normalizers, pre_tokenizers
    mapped = lambda rules="nmt_nfkc": N.Precompiled(character_map(small, rules))
    result = {}
    t = unigram(N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(),
                            N.Lowercase(), mapped(), N.Replace(Regex(" {2,}"), " ")]),
                P.Metaspace(prepend_scheme="always"), special=SPECIAL)
    t.post_processor = bert_template(t)
    t.add_special_tokens([AddedToken("[MASK]", lstrip=True)])
    result["albert"] = t
    t = unigram(N.Sequence([N.Strip(), mapped(), N.Replace(Regex(" {2,}"), " ")]),
                P.Sequence([P.Punctuation("isolated"), P.Metaspace(prepend_scheme="always")]),
                special=SPECIAL)
    t.post_processor = bert_template(t)
    result["deberta-v3"] = t
    t = unigram(mapped(), P.Sequence([P.WhitespaceSplit(), P.Metaspace(prepend_scheme="always")]),
                special=["<s>", "<pad>", "</s>", "<unk>"])
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(s, t.token_to_id(s)) for s in ("<s>", "</s>")])
    result["xlm-roberta"] = t
    t = unigram(N.Sequence([mapped("nmt_nfkc_cf"), N.Strip(left=False), N.Replace(Regex(" {2,}"), "▁")]),
                P.Metaspace(prepend_scheme="first"), special=["<pad>", "</s>", "<unk>"], fallback=True)
    t.post_processor = samples.around([], ["</s>"], t)
    result["t5"] = t
    result["unigram-bytes"] = unigram(
        N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(r"\s{2,}|[\n\r\t]"), " ")]),
        P.Metaspace(prepend_scheme="never", split=False), fallback=True,
        decoder=decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]))
    result["unigram-words"] = unigram(
        None, P.Sequence([P.Digits(individual_digits=True), P.Whitespace(), P.Punctuation(),
                          P.Metaspace(prepend_scheme="first")]))
    result["unigram-mapped"] = unigram(mapped(), None)
    return result


def word_pieces():
    """The lines of a vocab.txt."""
    vocabulary = samples.synthetic()["bert-cased"].get_vocab()
    return "\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n"


def byte_pairs():
    state = json.loads(samples.synthetic()["roberta"].to_str())["model"]
    return {"vocab.json": json.dumps(state["vocab"]), "merges.txt": "#version: 0.2\n" + "".join(
        " ".join(merge) + "\n" for merge in state["merges"])}


def folders(small=False):
    """The files of folders without a tokenizer.json, by name."""
    pieces = sentence_piece(
        small, unk_id=3, pad_id=0, bos_id=1, eos_id=2, pad_piece="[PAD]", bos_piece="[CLS]",
        eos_piece="[SEP]", unk_piece="[UNK]", user_defined_symbols=["[SCORE]"])
    fairseq = sentence_piece(small)
    words, pairs = word_pieces(), byte_pairs()
    config = lambda **keys: {"tokenizer_config.json": json.dumps(keys)}
    model = lambda kind: {"config.json": json.dumps({"model_type": kind})}
    mask = {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False,
            "single_word": False}
    return {
        "folder-bert": {"vocab.txt": words} | model("bert"),
        "folder-distilbert": {"vocab.txt": words} | model("distilbert") | config(
            tokenizer_class="DistilBertTokenizer", do_lower_case=False, strip_accents=True,
            tokenize_chinese_chars=False, mask_token="[sad]", cls_token="[CLS]",
            extra_special_tokens={}, additional_special_tokens=["<e1>", "<mask>"]),
        "folder-roberta": pairs | model("roberta") | config(tokenizer_class="RobertaTokenizer") | {
            "special_tokens_map.json": json.dumps({"mask_token": mask, "cls_token": "<s>"}),
            "added_tokens.json": json.dumps({"abcabc": 5001, "[X]": 5000, "<mask>": 4000})},
        "folder-roberta-prefixed": pairs | model("roberta") | config(
            tokenizer_class="RobertaTokenizerFast", add_prefix_space=True, added_tokens_decoder={
                "7": mask | {"special": True}, "2": mask | {"content": "</s>", "special": True}},
            mask_token="<mask>"),
        "folder-gpt2": pairs | model("gpt2") | config(
            tokenizer_class="GPT2Tokenizer", add_bos_token=True, pad_token="<pad>"),
        "folder-deberta": {"spm.model": pieces} | model("deberta-v2"),
        "folder-deberta-lower": {"spm.model": pieces} | config(
            tokenizer_class="DebertaV2Tokenizer", do_lower_case=True, split_by_punct=True) | {
                "added_tokens.json": json.dumps({"[MASK]": 128000})},
        "folder-xlm-roberta": {"sentencepiece.bpe.model": fairseq} | model("xlm-roberta") | config(
            tokenizer_class="XLMRobertaTokenizer", mask_token=mask | {"__type": "AddedToken"}),
    }


def write(files, folder):
    """Writes a folder's files and returns the tokenizer that transformers makes of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    loaded = AutoTokenizer.from_pretrained(folder)
    return Tokenizer.from_str(loaded.backend_tokenizer.to_str())


def loses_count(tokenizer):
    """Tells of a text whether the reference's offsets are wrong: it forgets characters that a compiled
    map takes from the start of a part."""
    state = json.loads(tokenizer.to_str())
    stages = state["normalizer"] or {}
    stages = stages.get("normalizers", [stages])
    maps = [s for s in stages if s.get("type") == "Precompiled"]
    if not maps:
        return lambda text: False
    single = Tokenizer.from_str(json.dumps({
        "normalizer": maps[0], "model": {"type": "BPE", "vocab": {}, "merges": []}})).normalizer
    removed = [c for c in map(chr, range(0x110000))
               if not 0xD800 <= ord(c) < 0xE000 and single.normalize_str(c) == ""]
    removed = "[" + "".join(map(re.escape, removed)) + "]"
    marks = "[" + "".join(re.escape(c) for c in map(chr, range(0x300, 0x110000))
                          if not 0xD800 <= ord(c) < 0xE000
                          and normalizers.StripAccents().normalize_str(c) == "") + "]"
    starts = "|".join(["^"] + [re.escape(t["content"]) for t in state["added_tokens"]])
    pattern = re.compile(rf"(?:{starts})(?:\s|{removed}|{marks})*{removed}")
    return lambda text: pattern.search(text) is not None
