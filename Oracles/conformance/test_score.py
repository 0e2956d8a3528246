"""Logits of every architectural variant equal transformers' within 2e-4, in f32."""

import json
import zlib

import pytest
import torch
from transformers import AutoConfig

from harness import ASSETS, close, save_random, score, transformers_logits
from models_fixture import transformers4
from tiny_models import VARIANTS, configuration, random_ids

TOLERANCE = 2e-4
BY_NAME = {v.name: v for v in VARIANTS}


def random_folder(name, folder, **options):
    # Not the seeds of the committed fixtures.
    return save_random(configuration(BY_NAME[name].config), folder, zlib.crc32(name.encode()),
                       **options)


def agree(model, scratch, lengths=(1, 2, 24)):
    config = AutoConfig.from_pretrained(model)
    for seed, length in enumerate(lengths):
        ids = random_ids(config.vocab_size, length, seed)
        close(score(model, ids, scratch), transformers_logits(model, ids), TOLERANCE)


@pytest.mark.parametrize("name", BY_NAME)
def test_variant(name, tmp_path):
    lengths = (1, 2, *BY_NAME[name].lengths)
    agree(random_folder(name, tmp_path / "model"), tmp_path, lengths)


@pytest.mark.parametrize("name", BY_NAME)
def test_variant_in_the_words_of_transformers_4(name, tmp_path):
    model = random_folder(name, tmp_path / "model")
    path = model / "config.json"
    path.write_text(json.dumps(transformers4(json.loads(path.read_text()))))
    agree(model, tmp_path, (BY_NAME[name].lengths[0],))


@pytest.mark.parametrize("name", ["gpt2", "qwen2"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_stored_type(name, dtype, tmp_path):
    agree(random_folder(name, tmp_path / "model", dtype=dtype), tmp_path)


@pytest.mark.parametrize("name", ["gpt2-untied", "smollm"])
def test_shards(name, tmp_path):
    model = random_folder(name, tmp_path / "model", max_shard_size="8KB")
    assert len(list(model.glob("model-*.safetensors"))) > 2
    agree(model, tmp_path)


@pytest.mark.parametrize("name", ["stories260K", "gpt2-names", "gpt2-names-tr"])
def test_real_model(name, tmp_path):
    model = ASSETS / "models" / name
    if not model.is_dir():
        pytest.skip("needs LOWRANK_ASSETS")
    agree(model, tmp_path, (1, AutoConfig.from_pretrained(model).max_position_embeddings))
