"""Makes Tests/LowRankAdaptersTests/Fixtures/<name>/: PEFT's own adapter folders and their logits.

    python Oracles/adapters_fixture.py [--output DIR] [--only NAME]

Run Oracles/models_fixture.py first: the adapters sit on its models. Each folder holds
`adapter_config.json` and `adapter_model.safetensors` as PEFT saves them, `base.json` with the
relative path of the base model, and `expected.safetensors` with `ids.0` I64 [1, tokens] and
`logits.0` F32 [tokens, vocabulary] of the reloaded adapter on its base.

Everything that trains is moved away from its start, so that each adapter has an effect. A second
run writes the same adapters; the last bits of the expected numbers may differ.
"""

import argparse
import json
import os
import warnings
from pathlib import Path

import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from models_fixture import DEFAULT as MODELS, forget_machine
from tiny_models import logits, random_ids

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "Tests/LowRankAdaptersTests/Fixtures"

# name: (base, fields of LoraConfig)
ADAPTERS = {
    "gpt2-default": ("gpt2", dict()),
    "gpt2-all-linear": ("gpt2", dict(target_modules="all-linear")),
    "gpt2-bias-all": ("gpt2", dict(bias="all")),
    "gpt2-bias-lora-only": ("gpt2", dict(bias="lora_only", target_modules=["c_attn", "c_fc"])),
    "gpt2-dora": ("gpt2", dict(use_dora=True)),
    "gpt2-embedding": ("gpt2", dict(target_modules=["wte", "c_attn"])),
    "gpt2-save-head": ("gpt2-untied", dict(modules_to_save=["lm_head"])),
    "llama2-default": ("llama2", dict()),
    "llama2-gaussian": ("llama2", dict(init_lora_weights="gaussian")),
    "llama2-no-init": ("llama2", dict(init_lora_weights=False)),
    "llama2-head": ("llama2", dict(target_modules=["q_proj", "lm_head"])),
    "llama2-save-embedding": ("llama2", dict(modules_to_save=["embed_tokens", "lm_head"])),
    "llama2-save-norm": ("llama2", dict(modules_to_save=["input_layernorm"])),
    "llama2-dora-embedding": ("llama2", dict(
        use_dora=True, target_modules=["embed_tokens", "up_proj"])),
    "llama-biases-all": ("llama-biases", dict(bias="all", target_modules=["k_proj", "down_proj"])),
    "llama3-rslora": ("llama3", dict(use_rslora=True)),
    "smollm-embedding": ("smollm", dict(target_modules=["embed_tokens", "v_proj"])),
    "smollm-layers": ("smollm", dict(
        layers_to_transform=[0, 2], target_modules=["q_proj", "gate_proj"])),
    "smollm-layers-pattern": ("smollm", dict(
        layers_to_transform=1, layers_pattern="layers", target_modules=["o_proj", "up_proj"])),
    "qwen2-all-linear": ("qwen2", dict(target_modules="all-linear")),
    "qwen2-dora": ("qwen2", dict(use_dora=True, use_rslora=True)),
    "qwen2-bias-lora-only": ("qwen2", dict(bias="lora_only")),
    "qwen2-exclude": ("qwen2", dict(
        target_modules="all-linear", exclude_modules=["down_proj", "layers.0.self_attn.k_proj"])),
    "qwen2-exclude-regex": ("qwen2", dict(
        target_modules=["q_proj", "o_proj"], exclude_modules=r".*\.1\.self_attn\.q_.*")),
    "qwen2-regex": ("qwen2", dict(
        target_modules=r"model\.layers\.\d+\.(self_attn\.[kv]|mlp\.up)_proj")),
    "qwen3-patterns": ("qwen3", dict(
        target_modules=["q_proj", "k_proj", "v_proj", "up_proj"],
        rank_pattern={r"layers\.1\..*q_proj": 2, "q_proj": 6, "layers.0.mlp.up_proj": 1},
        alpha_pattern={"k_proj": 3, r".*\.0\.self_attn\.(q|v)_proj": 16, "v_proj": 5})),
    "qwen3-patterns-rslora": ("qwen3", dict(
        use_rslora=True, rank_pattern={"q_proj": 2}, alpha_pattern={"v_proj": 2})),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--only", help="one adapter")
    arguments = parser.parse_args()
    for number, (name, (base, fields)) in enumerate(ADAPTERS.items()):
        if arguments.only in (None, name):
            write(MODELS / base, fields, arguments.output / name, seed=2000 + number)


def load(base: Path):
    return AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, attn_implementation="eager").eval()


def lora_config(base: Path, fields: dict) -> LoraConfig:
    """PEFT's configuration with small ranks and no warnings."""
    is_gpt2 = json.loads((base / "config.json").read_text())["model_type"] == "gpt2"
    return LoraConfig(**dict(task_type="CAUSAL_LM", r=4, lora_alpha=8, fan_in_fan_out=is_gpt2)
                      | fields)


def move(model: PeftModel, seed: int):
    """Moves every trainable tensor at random, the factors most."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        noise = 0.3 * torch.randn(parameter.shape, generator=generator)
        if "lora_A" in name or "lora_B" in name or "lora_embedding" in name:
            parameter.data = noise
        else:  # magnitudes, biases and saved modules stay near where they were
            parameter.data = parameter.data + noise


def write(base: Path, fields: dict, folder: Path, seed: int):
    warnings.simplefilter("ignore")
    torch.manual_seed(seed)
    model = get_peft_model(load(base), lora_config(base, fields))
    move(model, seed)
    model.save_pretrained(folder)
    forget_machine(folder, base.name)
    (folder / "base.json").write_text(json.dumps({"base": os.path.relpath(base, folder)}) + "\n")

    ids = random_ids(model.config.vocab_size, 16, seed)
    before = logits(load(base), ids)
    after = logits(PeftModel.from_pretrained(load(base), folder), ids)
    torch.testing.assert_close(after, logits(model.eval(), ids), rtol=0, atol=1e-4)
    effect = (after - before).abs().max().item()
    assert effect > 0.1, f"{folder.name}: no effect ({effect})"
    save_file({"ids.0": ids, "logits.0": after}, folder / "expected.safetensors",
              {"made_by": "Oracles/adapters_fixture.py", "peft": peft.__version__})
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{folder.name:24} effect {effect:6.2f} {size:7,} bytes")


if __name__ == "__main__":
    main()
