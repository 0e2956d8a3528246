"""Writes Tests/LowRankTransformersTests/Fixtures/rotary.json: what transformers makes of random rotary configurations.

    python Oracles/rotary_fixture.py [--output FILE] [--count 60] [--seed 1]

Each case has the keys of a `config.json`, a length, and the frequencies that the family's rotary embedding uses for a
sequence of that length, null where transformers refuses the configuration or its attention cannot use it. Keys
stand in the configuration, in `rope_parameters` and in `rope_scaling`, often in several of these and contradicting.
"""

import argparse
import json
import logging
import random
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.mistral.modeling_mistral import MistralRotaryEmbedding
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding
from transformers.models.qwen3.modeling_qwen3 import Qwen3RotaryEmbedding

logging.disable(logging.WARNING)
DEFAULT = (Path(__file__).resolve().parent.parent
           / "Tests/LowRankTransformersTests/Fixtures/rotary.json")
FAMILIES = {"llama": LlamaRotaryEmbedding, "mistral": MistralRotaryEmbedding,
            "qwen2": Qwen2RotaryEmbedding, "qwen3": Qwen3RotaryEmbedding}


def section(rng):
    """The content of `rope_parameters` or `rope_scaling`."""
    kind = rng.choice(["default", "linear", "dynamic", "dynamic", "llama3", "llama3"])
    values = {rng.choice(["rope_type", "rope_type", "type"]): kind}
    if rng.random() < 0.05:
        values = {}
    if rng.random() < 0.5:
        values["rope_theta"] = rng.choice([500.0, 10000, 1000000.0])
    if kind != "default" and rng.random() < 0.97:
        values["factor"] = rng.choice([2, 2.0, 4.0, 1.5])
    if kind == "llama3":
        values |= {"low_freq_factor": rng.choice([1.0, 2]), "high_freq_factor": 4.0}
    if rng.random() < 0.5:
        values["original_max_position_embeddings"] = rng.choice([8, 16, 64])
    if rng.random() < 0.1:
        values["partial_rotary_factor"] = rng.choice([1.0, 0.5])
    return values


def configuration(rng):
    family = rng.choice([*FAMILIES, "llama"])
    config = {"model_type": family, "hidden_size": 32, "num_attention_heads": 2,
              "num_key_value_heads": 2, "intermediate_size": 8, "num_hidden_layers": 1,
              "vocab_size": 8}
    if rng.random() < 0.4 or family == "qwen3":
        config["head_dim"] = rng.choice([8, 16])
    if rng.random() < 0.9:
        config["max_position_embeddings"] = rng.choice([16, 32, 64])
    if rng.random() < 0.5:
        config["rope_theta"] = rng.choice([100.0, 20000])
    if rng.random() < 0.6:
        config["rope_parameters"] = section(rng) if rng.random() < 0.95 else None
    if rng.random() < 0.4:
        config["rope_scaling"] = section(rng) if rng.random() < 0.9 else None
    if rng.random() < 0.15:
        config["original_max_position_embeddings"] = rng.choice([8, 32])
    if rng.random() < 0.05:
        config["partial_rotary_factor"] = 0.5
    return config


def frequencies(values, length):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(values))
        try:
            config = AutoConfig.from_pretrained(folder)
            rotary = FAMILIES[values["model_type"]](config)
            rotary(torch.zeros(1, 1, 1), torch.arange(length)[None])
        except (KeyError, TypeError, ValueError):
            return None
    found = rotary.inv_freq
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return [float(f) for f in found] if len(found) == size // 2 else None


def cases(count, seed):
    rng = random.Random(seed)
    return [{"config": config, "length": length, "frequencies": frequencies(config, length)}
            for config, length in ((configuration(rng), rng.choice([5, 20, 70]))
                                   for _ in range(count))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    lines = ",\n".join(json.dumps(case) for case in cases(arguments.count, arguments.seed))
    arguments.output.write_text(
        f'{{"made_by": "Oracles/rotary_fixture.py", "transformers": "{transformers.__version__}",\n'
        f'"cases": [\n{lines}]}}\n')
