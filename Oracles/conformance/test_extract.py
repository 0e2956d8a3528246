"""An adapter that `lowrank extract` makes of two models turns one into the other, in PEFT."""

import pytest
import torch

from adapters_fixture import load
from harness import close, lowrank, peft_logits, save_random, score, transformers_logits
from tiny_models import LLAMA, configuration, random_ids


def tuned(base, folder, change):
    """The base with every weight that `change` names moved."""
    model = load(base)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if change(name):
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", ["llama2", "gpt2", "qwen3", "smollm"])
def test_linear_maps(name, fixture_models, tmp_path):
    base = fixture_models / name
    other = tuned(base, tmp_path / "tuned", lambda n: "_proj.weight" in n or "c_" in n
                  and n.endswith("weight"))
    answer = lowrank("extract", "--base", base, "--tuned", other, "--output", tmp_path / "a",
                     "--rank", 64)
    assert answer["left_out"] == [] and answer["discarded_energy"] < 1e-12
    ids = random_ids(48, 12, 5)
    expected = transformers_logits(other, ids)
    close(peft_logits(base, tmp_path / "a", ids), expected, 2e-4)
    close(score(base, ids, tmp_path, tmp_path / "a"), expected, 2e-4)


@pytest.mark.parametrize("name", ["llama2", "smollm"])
def test_whole_models(name, fixture_models, tmp_path):
    """With --whole norms and embeddings come along, the tied head with them."""
    base = fixture_models / name
    other = tuned(base, tmp_path / "tuned", lambda n: True)
    answer = lowrank("extract", "--base", base, "--tuned", other, "--output", tmp_path / "a",
                     "--rank", 64, "--whole")
    assert answer["left_out"] == [] and answer["kept_whole"]
    ids = random_ids(48, 12, 5)
    expected = transformers_logits(other, ids)
    close(peft_logits(base, tmp_path / "a", ids), expected, 2e-4)
    close(score(base, ids, tmp_path, tmp_path / "a"), expected, 2e-4)


@pytest.mark.parametrize("ties", [(True, False), (False, True)])
def test_head_of_one_side(ties, tmp_path):
    """With --whole the head is that of the tuned model, whichever of the two ties it to the embeddings."""
    base, other = tmp_path / "base", tmp_path / "other"
    for folder, tied in zip((base, other), ties):
        save_random(configuration(LLAMA | dict(tie_word_embeddings=tied)), folder, seed=8)
    other = tuned(other, tmp_path / "tuned", lambda n: True)
    answer = lowrank("extract", "--base", base, "--tuned", other, "--output", tmp_path / "a",
                     "--rank", 64, "--whole")
    assert answer["left_out"] == [] and "tie_word_embeddings" in answer["config_keys"]
    ids = random_ids(48, 12, 5)
    expected = transformers_logits(other, ids)
    close(peft_logits(base, tmp_path / "a", ids), expected, 2e-4)
    close(score(base, ids, tmp_path, tmp_path / "a"), expected, 2e-4)


def test_biases(fixture_models, tmp_path):
    """With --whole a linear map whose bias differs comes along whole."""
    base = fixture_models / "llama-biases"
    other = tuned(base, tmp_path / "tuned",
                  lambda n: "_proj.weight" in n or n.endswith("0.self_attn.q_proj.bias"))
    answer = lowrank("extract", "--base", base, "--tuned", other, "--output", tmp_path / "a",
                     "--rank", 64, "--whole")
    assert answer["kept_whole"] == ["model.layers.0.self_attn.q_proj"]
    ids = random_ids(48, 12, 5)
    expected = transformers_logits(other, ids)
    close(peft_logits(base, tmp_path / "a", ids), expected, 2e-4)
    close(score(base, ids, tmp_path, tmp_path / "a"), expected, 2e-4)


def test_truncation(fixture_models, tmp_path):
    """What is left is the energy that the certificate says, as dense matrices have it."""
    base = fixture_models / "llama2"
    other = tuned(base, tmp_path / "tuned", lambda n: "_proj.weight" in n)
    answer = lowrank("extract", "--base", base, "--tuned", other, "--output", tmp_path / "a",
                     "--rank", 64, "--keep", 0.25)
    before, after = load(base).state_dict(), load(other).state_dict()
    pool = sorted((s.item() for n in before if "_proj.weight" in n
                   for s in torch.linalg.svdvals((after[n] - before[n]).double())), reverse=True)
    kept = answer["rank_after"]
    assert kept == -(-len(pool) // 4)
    discarded = sum(s * s for s in pool[kept:])
    assert abs(answer["discarded_energy"] / discarded - 1) < 1e-5
