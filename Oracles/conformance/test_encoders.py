"""Encoders and classifiers of every architecture say what transformers and PEFT say.

Hidden states and logits within 2e-4 in f32; with an adapter and head that PEFT wrote, or that ours
trained and PEFT loads, the same logits within 1e-4.
"""

import json
import os
import zlib
from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from classifiers import (KINDS, TEXTS, encode, is_language_model, labels, load, load_strictly,
                         peft_adapter, save_base, score, task_of, train)
from encoders_fixture import words_of_transformers4
from harness import close, run, write_rows
from tiny_encoders import BY_NAME, outputs, random_rows

STATES, LOGITS = 2e-4, 1e-4
ENCODERS = [name for name, e in BY_NAME.items() if not is_language_model(e)]
MINILM = os.environ.get("LOWRANK_MINILM")


def seed_of(name: str) -> int:
    # Not the seeds of the committed fixtures.
    return zlib.crc32(name.encode())


def random_ids(config, lengths, seed: int):
    """Rows without types: `score --ids` gives every token type 0."""
    return [ids for ids, _ in random_rows(config, lengths, seed)]


def bare(folder: Path):
    return AutoModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()


def last_hidden(model, ids) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids).last_hidden_state[0]


# What transformers says --------------------------------------------------------------------------

@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("words", ["transformers 5", "transformers 4"])
def test_classifier(name, words, tmp_path):
    encoder = BY_NAME[name]
    folder = save_base(encoder, "classifier", tmp_path / "model", seed_of(name))
    model, missing = load(folder, encoder.task["num_labels"])
    assert not missing
    if words == "transformers 4":
        path = folder / "config.json"
        path.write_text(json.dumps(words_of_transformers4(json.loads(path.read_text()))))
    for ids in random_ids(model.config, (1, 2, 24, 60), seed_of(name)):
        hidden, logits = outputs(model, (ids, None))
        ours = score(folder, ids, tmp_path)
        close(ours["hidden"], hidden, STATES)
        close(ours["logits"], logits, STATES)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("kind", ["encoder", "pretrained"])
def test_encoder_without_classifier(name, kind, tmp_path):
    folder = save_base(BY_NAME[name], kind, tmp_path / "model", seed_of(name))
    model = bare(folder)
    for ids in random_ids(model.config, (1, 24), seed_of(name)):
        ours = score(folder, ids, tmp_path)
        assert "logits" not in ours
        close(ours["hidden"], last_hidden(model, ids), STATES)


def embeddings(*arguments) -> torch.Tensor:
    """Our embeddings [texts, width], each of length 1."""
    lines = run("embed", *arguments, "--precision", "f32").splitlines()
    rows = [json.loads(line)["embedding"] for line in lines]
    return torch.nn.functional.normalize(torch.tensor(rows))


def mean_embeddings(folder: Path, texts: list[str]) -> torch.Tensor:
    model = bare(folder)
    means = [last_hidden(model, ids).mean(0) for ids, _ in encode(folder, model.config, texts)]
    return torch.nn.functional.normalize(torch.stack(means))


@pytest.mark.parametrize("name", ["bert", "roberta", "distilbert", "deberta-v3-base", "modernbert"])
def test_embeddings_are_mean_hidden_states(name, tmp_path):
    folder = save_base(BY_NAME[name], "encoder", tmp_path / "model", seed_of(name))
    expected = mean_embeddings(folder, TEXTS)
    close(embeddings("--model", folder, "--text", TEXTS[0]), expected[:1], LOGITS)
    write_rows(tmp_path / "texts.jsonl", [dict(text=t) for t in TEXTS])
    close(embeddings("--model", folder, "--data", tmp_path / "texts.jsonl"), expected, LOGITS)


@pytest.mark.skipif(not MINILM, reason="needs LOWRANK_MINILM, the folder of all-MiniLM-L6-v2")
def test_real_encoder(tmp_path):
    folder = Path(MINILM)
    model = bare(folder)
    for ids in random_ids(model.config, (1, 2, 128, 512), seed=1):
        close(score(folder, ids, tmp_path)["hidden"], last_hidden(model, ids), STATES)


# What PEFT writes --------------------------------------------------------------------------------

@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("kind", KINDS)
def test_peft_read_by_ours(name, kind, tmp_path):
    encoder = BY_NAME[name]
    base = save_base(encoder, kind, tmp_path / "model", seed_of(name))
    model = peft_adapter(encoder, base, tmp_path / "adapter", seed_of(name))
    for ids in random_ids(model.config, (1, 24), seed_of(name)):
        hidden, expected = outputs(model.base_model.model, (ids, None))
        ours = score(base, ids, tmp_path, tmp_path / "adapter")
        close(ours["hidden"], hidden, STATES)
        close(ours["logits"], expected, LOGITS)
        if kind == "classifier":
            without = score(base, ids, tmp_path)["logits"]
            assert (without - expected).abs().max() > 0.01, "the adapter has no effect"


# What PEFT reads ---------------------------------------------------------------------------------

@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("kind,targets", [
    ("classifier", "named"), ("encoder", "named"), ("pretrained", "named"),
    # Queries and values, which where they are fused are slices.
    ("pretrained", "default")])
def test_ours_read_by_peft(name, kind, targets, tmp_path):
    encoder = BY_NAME[name]
    task = task_of(encoder)
    base = save_base(encoder, kind, tmp_path / "model", seed_of(name))
    # Words where the base knows no labels, the numbers of its labels where it does.
    names = (0, 1, 2) if kind == "classifier" else ("bad", "fair", "good")
    rows = [dict(text=t, label=l) for t, l in zip(TEXTS, labels(task, len(TEXTS), names))]
    flags = ["--target", ",".join(encoder.targets)] if targets == "named" else []
    adapter = train(base, task, rows, tmp_path, *flags)

    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["task_type"] == "SEQ_CLS"
    model = load_strictly(base, adapter, encoder.task["num_labels"])
    for ids in random_ids(model.config, (1, 24), seed_of(name)):
        hidden, expected = outputs(model.base_model.model, (ids, None))
        ours = score(base, ids, tmp_path, adapter)
        close(ours["hidden"], hidden, STATES)
        close(ours["logits"], expected, LOGITS)
        with model.disable_adapter():
            plain, _ = outputs(model.base_model.model, (ids, None))
        change = (plain - hidden).abs().max().item()
        # One token attends to itself alone: a value is needed to change it.
        assert change > 1e-3 or ids.shape[1] == 1, f"training changed the states by {change} only"
