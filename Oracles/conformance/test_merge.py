"""`lowrank merge` gives a model that transformers loads and that equals PEFT's own merge."""

import json
import subprocess

import pytest
from peft import PeftModel

from adapters_fixture import ADAPTERS, CAUSAL, load
from harness import (BINARY, close, lowrank, peft_adapter, peft_fixture, save_tokenizer, score,
                     transformers_logits)
from tiny_models import logits, random_ids


# Where the head is tied to an adapted embedding, PEFT merges into the head what its own adapter
# leaves out of it: the adapter on its base is the reference there.
TIED = {"gpt2-embedding", "gemma3-embedding", "smollm-embedding", "smollm-other-embeddings", "smollm-tied-factors",
        "smollm-tokens-apart"}


def run_with_messages(*arguments) -> str:
    """Runs the binary and returns what it says to people."""
    done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("name", CAUSAL)
def test_merged(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_fixture(name, base, tmp_path / "adapter", seed=11)
    merged = tmp_path / "merged"
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", merged,
            "--precision", "f32")
    ids = random_ids(48, 20, seed=11)
    adapted = PeftModel.from_pretrained(load(base), adapter).eval()
    expected = logits(adapted if name in TIED else adapted.merge_and_unload(), ids)
    close(transformers_logits(merged, ids), expected, 1e-4)
    close(score(merged, ids, tmp_path), expected, 1e-4)


# One side of a tied head: transformers must load it untied, with the logits of the adapter on its base.
ONE_SIDED = {
    "head": dict(target_modules=["lm_head"]),
    "head and more": dict(target_modules=["lm_head", "QUERY"]),
    "embedding": dict(target_modules=["EMBEDDING"]),
    "embedding, DoRA": dict(target_modules=["EMBEDDING"], use_dora=True),
}


@pytest.mark.parametrize("dtype", ["f32", "bf16"])
@pytest.mark.parametrize("base_name", ["gpt2", "qwen2"])
@pytest.mark.parametrize("side", ONE_SIDED)
def test_tied(side, base_name, dtype, fixture_models, tmp_path):
    base = fixture_models / base_name
    assert load(base).config.tie_word_embeddings
    fields = dict(ONE_SIDED[side])
    names = dict(gpt2=dict(EMBEDDING="wte", QUERY="c_attn"),
                 qwen2=dict(EMBEDDING="embed_tokens", QUERY="q_proj"))[base_name]
    fields["target_modules"] = [names.get(name, name) for name in fields["target_modules"]]
    adapter = peft_adapter(base, fields, tmp_path / "adapter", seed=5)
    merged = tmp_path / "merged"
    answer = run_with_messages("merge", "--model", base, "--adapter", adapter, "--output", merged,
                       "--dtype", dtype)
    assert "lm_head is no longer tied to the embeddings" in answer
    config = json.loads((merged / "config.json").read_text())
    assert config["tie_word_embeddings"] is False
    ids = random_ids(48, 20, seed=5)
    expected = logits(PeftModel.from_pretrained(load(base), adapter).eval(), ids)
    assert (expected - logits(load(base).eval(), ids)).abs().max() > 1e-2
    close(transformers_logits(merged, ids), expected, 1e-4 if dtype == "f32" else 0.1)


def test_tokenizer_is_copied(tmp_path, fixture_models):
    base = tmp_path / "base"
    load(fixture_models / "qwen2").save_pretrained(base)
    save_tokenizer(base)
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=1)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "merged" / name).read_bytes() == (base / name).read_bytes()
