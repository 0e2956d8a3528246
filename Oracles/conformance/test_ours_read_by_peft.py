"""Adapters that `lowrank train` makes load in PEFT without a warning and score the same there.

Each case also says which fields of PEFT's LoraConfig mean the same: PEFT, asked for those, must
make exactly the tensors that ours saved.
"""

import json
import warnings

import pytest
import torch
from peft import PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file

from adapters_fixture import load, lora_config
from harness import CHARACTERS, close, lowrank, save_random, save_tokenizer, score, write_rows
from tiny_models import VARIANTS, configuration, logits, random_ids

ROWS = [{"text": t} for t in ("the cat sat.", "a dog ran far", "birds sing: loud, clear")]
QV = dict(target_modules=["q_proj", "v_proj"])
CONFIGS = {v.name: v.config for v in VARIANTS}

# name: (base, our flags, the same in PEFT's words)
CASES = {
    "default": ("llama2", [], dict(r=8, lora_alpha=16, **QV)),
    "rank": ("llama2", ["--rank", 3], dict(r=3, lora_alpha=6, **QV)),
    "alpha": ("llama2", ["--rank", 4, "--alpha", 5], dict(lora_alpha=5, **QV)),
    "rslora": ("llama3", ["--rank", 4, "--rslora"], dict(use_rslora=True, **QV)),
    "dropout": ("llama2", ["--rank", 4, "--dropout", 0.1], dict(lora_dropout=0.1, **QV)),
    "names": ("qwen2", ["--rank", 4, "--target", "k_proj,mlp.up_proj"],
              dict(target_modules=["k_proj", "mlp.up_proj"])),
    "regex": ("qwen2", ["--rank", 4, "--target-regex", r".*\.1\.(self_attn\.o|mlp\.gate)_proj"],
              dict(target_modules=r".*\.1\.(self_attn\.o|mlp\.gate)_proj")),
    "all-linear": ("qwen3", ["--rank", 4, "--target", "all-linear"],
                   dict(target_modules="all-linear")),
    "gpt2-all-linear": ("gpt2", ["--rank", 4, "--target", "all-linear"],
                        dict(target_modules="all-linear")),
    "gpt2-c_attn": ("gpt2", ["--rank", 4, "--target", "c_attn"], dict(target_modules=["c_attn"])),
    "gemma3-all-linear": ("gemma3", ["--rank", 4, "--target", "all-linear"],
                          dict(target_modules="all-linear")),
    "smollm3": ("smollm3", ["--rank", 4], dict(**QV)),
    "phi3-all-linear": ("phi3", ["--rank", 4, "--target", "all-linear"],
                        dict(target_modules="all-linear")),
    "phi4-mini": ("phi4-mini", ["--rank", 4, "--target", "qkv_proj,down_proj"],
                  dict(target_modules=["qkv_proj", "down_proj"])),
    "exclude": ("qwen2", ["--rank", 4, "--target", "all-linear", "--exclude", "down_proj,k_proj"],
                dict(target_modules="all-linear", exclude_modules=["down_proj", "k_proj"])),
    "layers": ("smollm", ["--rank", 4, "--target", "q_proj,o_proj", "--layers", "0,2"],
               dict(target_modules=["q_proj", "o_proj"], layers_to_transform=[0, 2])),
    "layers-range": ("smollm", ["--rank", 4, "--target", "v_proj", "--layers", "1-2"],
                     dict(target_modules=["v_proj"], layers_to_transform=[1, 2])),
    "rank-pattern": ("qwen2", ["--rank", 4, "--target", "q_proj,v_proj", "--rank-pattern",
                               "layers.0.self_attn.q_proj=2,v_proj=6"],
                     dict(rank_pattern={"layers.0.self_attn.q_proj": 2, "v_proj": 6}, **QV)),
    "alpha-pattern": ("qwen2", ["--rank", 4, "--target", "q_proj,v_proj", "--alpha-pattern",
                                "q_proj=2"], dict(alpha_pattern={"q_proj": 2}, **QV)),
    "bias-all": ("gpt2", ["--rank", 4, "--target", "c_attn", "--bias", "all"],
                 dict(bias="all", target_modules=["c_attn"])),
    "bias-lora-only": ("qwen2", ["--rank", 4, "--target", "q_proj,v_proj", "--bias", "lora_only"],
                       dict(bias="lora_only", **QV)),
    "save-head": ("gpt2-untied", ["--rank", 4, "--target", "c_attn", "--modules-to-save",
                                  "lm_head"],
                  dict(target_modules=["c_attn"], modules_to_save=["lm_head"])),
    "save-embedding": ("llama2", ["--rank", 4, "--modules-to-save", "embed_tokens,lm_head"],
                       dict(modules_to_save=["embed_tokens", "lm_head"], **QV)),
    "embedding": ("llama2", ["--rank", 4, "--target", "embed_tokens,q_proj"],
                  dict(target_modules=["embed_tokens", "q_proj"])),
    "gpt2-embedding": ("gpt2", ["--rank", 4, "--target", "wte,c_fc"],
                       dict(target_modules=["wte", "c_fc"])),
    "tokens": ("llama2", ["--rank", 4, "--target", "q_proj,v_proj", "--trainable-tokens", "5,t,12"],
               dict(trainable_token_indices=[5, CHARACTERS.index("t"), 12], **QV)),
    "tokens-tied": ("smollm", ["--rank", 4, "--target", "q_proj,v_proj", "--trainable-tokens",
                               "3,4,5,6"], dict(trainable_token_indices=[3, 4, 5, 6], **QV)),
    "gpt2-tokens": ("gpt2", ["--rank", 4, "--target", "c_attn", "--trainable-tokens", "a,b"],
                    dict(trainable_token_indices=[3, 4], target_modules=["c_attn"])),
    "small-alpha": ("llama2", ["--rank", 4, "--alpha", "0.004", "--learning-rate", 2],
                    dict(lora_alpha=0.004, **QV)),
    "dora": ("qwen2", ["--rank", 4, "--target", "q_proj,v_proj", "--dora"],
             dict(use_dora=True, **QV)),
    "gpt2-dora": ("gpt2", ["--rank", 4, "--target", "c_attn", "--dora"],
                  dict(use_dora=True, target_modules=["c_attn"])),
}


def train(base_name, flags, scratch):
    base = save_random(configuration(CONFIGS[base_name] | dict(bos_token_id=1, eos_token_id=2)),
                       scratch / "model", seed=5)
    save_tokenizer(base)
    write_rows(scratch / "data/train.jsonl", ROWS)
    adapter = scratch / "adapter"
    lowrank("train", "--model", base, "--data", scratch / "data", "--adapter-path", adapter,
            "--iters", 3, "--batch-size", 2, "--lr-schedule", "constant",
            "--precision", "f32", "--base-dropout", 0, "--seed", 1,
            *([] if "--learning-rate" in flags else ["--learning-rate", 0.02]), *flags)
    return base, adapter


def load_strictly(base, adapter):
    """PEFT's model, with every warning an error and every tensor of the file placed."""
    base_model = load(base)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # transformers' own, raised by its current release on any model
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
        model = PeftModel.from_pretrained(base_model, adapter)
        result = model.load_adapter(adapter, "default")  # only for its report
    assert not result.missing_keys and not result.unexpected_keys
    return model.eval()


def shapes(tensors):
    # PEFT may or may not copy an adapted embedding's own weights.
    return {k: tuple(v.shape) for k, v in tensors.items() if not k.endswith("base_layer.weight")}


def agree(base, adapter, model, scratch):
    ids = random_ids(len(CHARACTERS), 20, seed=3)
    expected = logits(model, ids)
    effect = (expected - logits(load(base), ids)).abs().max().item()
    assert effect > 1e-3, f"training changed the logits by {effect} only"
    close(score(base, ids, scratch, adapter), expected, 1e-4)


@pytest.mark.parametrize("name", CASES)
def test_trained(name, tmp_path):
    base_name, flags, fields = CASES[name]
    base, adapter = train(base_name, flags, tmp_path)
    model = load_strictly(base, adapter)
    agree(base, adapter, model, tmp_path)
    fresh = get_peft_model(load(base), lora_config(base, fields))
    saved = load_file(adapter / "adapter_model.safetensors")
    assert shapes(saved) == shapes(get_peft_model_state_dict(fresh))
    config = json.loads((adapter / "adapter_config.json").read_text())
    for key, value in fields.items():
        if key in ("use_rslora", "use_dora", "bias", "lora_dropout", "lora_alpha",
                   "trainable_token_indices"):
            assert config[key] == value, key


def test_query_and_value_slices(tmp_path):
    """GPT-2's default adapts c_attn's q and v slices: one module of twice the rank for PEFT."""
    base, adapter = train("gpt2", ["--rank", 4], tmp_path)
    model = load_strictly(base, adapter)
    agree(base, adapter, model, tmp_path)
    with safe_open(adapter / "adapter_model.safetensors", "pt") as file:
        names = list(file.keys())
        assert len(names) == 4 and all(".attn.c_attn.lora_" in n for n in names)
        for name in names:
            tensor = file.get_tensor(name)
            if "lora_A" in name:
                assert tensor.shape == (8, 16)
                continue
            query, key, value = tensor.split(16)
            assert tensor.shape == (48, 8) and not key.any()
            halves = [query[:, :4], query[:, 4:], value[:, :4], value[:, 4:]]
            used = [bool(h.any()) for h in halves]
            assert used in ([True, False, False, True], [False, True, True, False])


def test_resumed_slices_stay_slices(tmp_path):
    """An adapter of slices, trained further from its folder, keeps its zero blocks zero."""
    base, adapter = train("gpt2", ["--rank", 4], tmp_path)
    further = tmp_path / "further"
    lowrank("train", "--model", base, "--data", tmp_path / "data", "--adapter-path", further,
            "--init-adapter", adapter, "--iters", 2, "--batch-size", 2, "--learning-rate", 0.02,
            "--precision", "f32", "--base-dropout", 0)
    agree(base, further, load_strictly(base, further), tmp_path)
    first, second = (load_file(a / "adapter_model.safetensors") for a in (adapter, further))
    for name in first:
        assert torch.equal(first[name] == 0, second[name] == 0), name
