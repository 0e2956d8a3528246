"""Adapters of runs whose ranks moved: PEFT loads the folder and has our logits."""

import json

import pytest
import torch

from harness import CHARACTERS, END, close, lowrank, peft_logits, save_random, save_tokenizer
from harness import score, transformers_logits, write_rows
from test_training import TEXTS
from tiny_models import QWEN2, configuration

# `--ranks`: (further flags, PEFT's type, the sum of the ranks, where it is known)
CASES = {
    "adalora:target_r=2,tfinal=10": (["--rank", 4], "ADALORA", 12),
    "sora:lambda=2": (["--rank", 4], "LORA", None),
    "gora:batches=1,r_min=1": (["--rank", 4], "LORA", None),
    "relora:every=15,warmup=3": (["--rank", 3], "LORA", 72),
    "dylora": (["--rank", 4], "LORA", 24),
}


@pytest.mark.parametrize("rule", CASES)
def test_folder(rule, tmp_path):
    flags, kind, total = CASES[rule]
    base = save_random(configuration(QWEN2 | dict(
        hidden_size=64, intermediate_size=96, vocab_size=len(CHARACTERS), bos_token_id=1,
        eos_token_id=END, initializer_range=0.1)), tmp_path / "model", seed=3)
    save_tokenizer(base)
    write_rows(tmp_path / "data/train.jsonl", [dict(text=t) for t in TEXTS])
    adapter = tmp_path / "adapter"
    lowrank("train", "--model", base, "--data", tmp_path / "data", "--adapter-path", adapter,
            "--iters", 50, "--batch-size", 4, "--learning-rate", 0.01, "--precision", "f32",
            "--target", "q_proj,v_proj,down_proj", "--ranks", rule, *flags)
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["peft_type"] == kind
    ids = torch.tensor([[1, 5, 7, 9, 4, 8, 11, 3]])
    ours, theirs = score(base, ids, tmp_path, adapter), peft_logits(base, adapter, ids)
    close(ours, theirs, 5e-5)
    assert (theirs - transformers_logits(base, ids)).abs().max() > 0.1
    if total is None:
        return
    pattern = config.get("rank_pattern") or {}
    rank = config["r"] if kind == "LORA" else config["init_r"]
    sizes = [sum(mask) if isinstance(mask, list) else mask for mask in pattern.values()]
    assert sum(sizes) + rank * (6 - len(sizes)) == total
