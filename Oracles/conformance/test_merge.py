"""`lowrank merge` gives a model that transformers loads and that equals PEFT's own merge."""

import pytest
from peft import PeftModel

from adapters_fixture import ADAPTERS, load
from harness import close, lowrank, peft_adapter, save_tokenizer, score, transformers_logits
from tiny_models import logits, random_ids


# Where the head is tied to an adapted embedding, PEFT merges into the head what its own adapter
# leaves out of it: the adapter on its base is the reference there.
TIED = {"gpt2-embedding", "smollm-embedding"}


@pytest.mark.parametrize("name", ADAPTERS)
def test_merged(name, fixture_models, tmp_path):
    base_name, fields = ADAPTERS[name]
    base = fixture_models / base_name
    adapter = peft_adapter(base, fields, tmp_path / "adapter", seed=11)
    merged = tmp_path / "merged"
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", merged,
            "--precision", "f32")
    ids = random_ids(48, 20, seed=11)
    adapted = PeftModel.from_pretrained(load(base), adapter).eval()
    expected = logits(adapted if name in TIED else adapted.merge_and_unload(), ids)
    close(transformers_logits(merged, ids), expected, 1e-4)
    close(score(merged, ids, tmp_path), expected, 1e-4)


def test_tokenizer_is_copied(tmp_path, fixture_models):
    base = tmp_path / "base"
    load(fixture_models / "qwen2").save_pretrained(base)
    save_tokenizer(base)
    adapter = peft_adapter(base, {}, tmp_path / "adapter", seed=1)
    lowrank("merge", "--model", base, "--adapter", adapter, "--output", tmp_path / "merged")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "merged" / name).read_bytes() == (base / name).read_bytes()
