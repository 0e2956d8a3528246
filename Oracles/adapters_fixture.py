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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import peft
import torch
from peft import EvaConfig, LoraConfig, LoraGAConfig, PeftModel, get_peft_model
from peft.tuners.lora.config import MontecloraConfig, VeloraConfig
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

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
    "gemma3-all-linear": ("gemma3", dict(target_modules="all-linear")),
    "gemma3-embedding": ("gemma3", dict(target_modules=["embed_tokens", "v_proj"])),
    "gemma3-save-norm": ("gemma3", dict(modules_to_save=["post_feedforward_layernorm"])),
    "smollm3-all-linear": ("smollm3", dict(target_modules="all-linear")),
    "phi3-all-linear": ("phi3", dict(target_modules="all-linear")),
    "phi4-mini-fused": ("phi4-mini", dict(target_modules=["qkv_proj", "gate_up_proj"])),
    # Rows of tokens.
    "llama2-tokens": ("llama2", dict(trainable_token_indices=[5, 9, 12])),
    "llama2-tokens-of-both": ("llama2", dict(
        trainable_token_indices={"embed_tokens": [5, 9], "lm_head": [7, 9, 40]})),
    "smollm-tokens": ("smollm", dict(trainable_token_indices=[0, 47, 12])),
    "smollm-tokens-apart": ("smollm", dict(
        trainable_token_indices={"embed_tokens": [5, 9], "lm_head": [9, 40]})),
    "smollm-tokens-alike": ("smollm", dict(
        trainable_token_indices={"embed_tokens": [5, 9], "lm_head": [5, 9]})),
    "gpt2-tokens": ("gpt2", dict(trainable_token_indices=[3, 1])),
    # Tied weights that stay tied.
    "smollm-tied-factors": ("smollm", dict(
        target_modules=["embed_tokens", "v_proj"], ensure_weight_tying=True)),
    "smollm-tied-whole": ("smollm", dict(
        modules_to_save=["embed_tokens"], ensure_weight_tying=True)),
    # Starts, and ways to train, that a trained adapter does not remember.
    "llama2-eva": ("llama2", dict(init_lora_weights="eva", eva_config=EvaConfig(rho=3.0))),
    "llama2-orthogonal": ("llama2", dict(init_lora_weights="orthogonal")),
    "llama2-mica": ("llama2", dict(init_lora_weights="mica")),
    "llama2-lora-ga": ("llama2", dict(
        init_lora_weights="lora_ga", lora_ga_config=LoraGAConfig())),
    "llama2-velora": ("llama2", dict(velora_config=VeloraConfig(num_groups=4))),
    "llama2-monteclora": ("llama2", dict(monteclora_config=MontecloraConfig(num_samples=2))),
    # Weights under the base's own names.
    "llama2-copies": ("llama2", dict()),
    "llama2-other-embeddings": ("llama2", dict()),
    "smollm-other-embeddings": ("smollm", dict(target_modules=["embed_tokens", "q_proj"])),
    "llama2-other-norm": ("llama2", dict()),
    # What PEFT fills in, or does without.
    "qwen2-bias-lost": ("qwen2", dict(bias="lora_only")),
    "llama2-no-target": ("llama2", dict()),
    "llama2-classes": ("llama2", dict(task_type="SEQ_CLS")),
}


@dataclass
class Variation:
    """What is done to an adapter beside its fields: to the model before it is saved, while, and to its folder after."""

    before: Callable = lambda model: None
    saving: dict = field(default_factory=dict)
    after: Callable = lambda folder: None


def change_base(*ends):
    """Changes weights of the base in place, as training with other tools does."""
    def change(model):
        generator = torch.Generator().manual_seed(77)
        for name, parameter in model.named_parameters():
            if name.endswith(ends):
                parameter.data.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return change


def set_config(**values):
    def change(folder):
        path = folder / "adapter_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values, indent=2) + "\n")
    return change


def drop_tensors(end):
    def change(folder):
        path = folder / "adapter_model.safetensors"
        kept = {k: v for k, v in load_file(path).items() if not k.endswith(end)}
        save_file(kept, path, {"format": "pt"})
    return change


def add_norm(folder):
    """A norm of the base beside the factors, which PEFT puts in its place."""
    path = folder / "adapter_model.safetensors"
    name = "base_model.model.model.norm.weight"
    save_file(load_file(path) | {name: torch.linspace(0.5, 1.5, 16)}, path, {"format": "pt"})


VARIATIONS = {
    "llama2-copies": Variation(saving=dict(save_embedding_layers=True)),
    "llama2-other-embeddings": Variation(
        change_base("embed_tokens.weight", "lm_head.weight"), dict(save_embedding_layers=True)),
    "smollm-other-embeddings": Variation(change_base("embed_tokens.base_layer.weight")),
    "llama2-other-norm": Variation(after=add_norm),
    "qwen2-bias-lost": Variation(after=drop_tensors(".bias")),
    "llama2-no-target": Variation(after=set_config(target_modules=None)),
    "llama2-classes": Variation(after=set_config(modules_to_save=None)),
}
CAUSAL = [n for n, (_, fields) in ADAPTERS.items() if fields.get("task_type") != "SEQ_CLS"]
# Those whose saved form says less, or more, than the model that was saved.
CHANGED = {"llama2-other-norm", "qwen2-bias-lost"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--only", help="one adapter")
    parser.add_argument("--missing", action="store_true", help="those that are not there yet")
    arguments = parser.parse_args()
    for number, name in enumerate(ADAPTERS):
        folder = arguments.output / name
        if arguments.only in (None, name) and not (arguments.missing and folder.exists()):
            write(name, folder, seed=2000 + number)


def load(base: Path, fields: dict = {}):
    """The base, with a head of three classes where the adapter classifies."""
    options = dict(dtype=torch.float32, attn_implementation="eager")
    if fields.get("task_type") == "SEQ_CLS":
        return AutoModelForSequenceClassification.from_pretrained(
            base, num_labels=3, **options).eval()
    return AutoModelForCausalLM.from_pretrained(base, **options).eval()


def lora_config(base: Path, fields: dict) -> LoraConfig:
    """PEFT's configuration with small ranks and no warnings."""
    is_gpt2 = json.loads((base / "config.json").read_text())["model_type"] == "gpt2"
    return LoraConfig(**dict(task_type="CAUSAL_LM", r=4, lora_alpha=8, fan_in_fan_out=is_gpt2)
                      | fields)


def move(model: PeftModel, seed: int):
    """Moves every trainable tensor at random, the factors most; what is tied stays so."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        noise = 0.3 * torch.randn(parameter.shape, generator=generator)
        if "lora_A" in name or "lora_B" in name or "lora_embedding" in name:
            parameter.data.copy_(noise)
        else:  # magnitudes, biases and saved modules stay near where they were
            parameter.data.add_(noise)


def make(name: str, base: Path, folder: Path, seed: int) -> PeftModel:
    """Makes and saves an adapter of the table; the model may say more than its folder."""
    fields, variation = ADAPTERS[name][1], VARIATIONS.get(name, Variation())
    torch.manual_seed(seed)
    model = get_peft_model(load(base, fields), lora_config(base, fields))
    move(model, seed)
    variation.before(model)
    model.save_pretrained(folder, **variation.saving)
    variation.after(folder)
    return model.eval()


def write(name: str, folder: Path, seed: int):
    warnings.simplefilter("ignore")
    base, fields = MODELS / ADAPTERS[name][0], ADAPTERS[name][1]
    model = make(name, base, folder, seed)
    forget_machine(folder, base.name)
    (folder / "base.json").write_text(json.dumps({"base": os.path.relpath(base, folder)}) + "\n")

    ids = random_ids(model.config.vocab_size, 16, seed)
    before = logits(load(base, fields), ids)
    after = logits(PeftModel.from_pretrained(load(base, fields), folder), ids)
    if name not in CHANGED:
        torch.testing.assert_close(after, logits(model, ids), rtol=0, atol=1e-4)
    effect = (after - before).abs().max().item()
    assert effect > 0.1, f"{folder.name}: no effect ({effect})"
    save_file({"ids.0": ids, "logits.0": after.reshape(-1, after.shape[-1])},
              folder / "expected.safetensors",
              {"made_by": "Oracles/adapters_fixture.py", "peft": peft.__version__})
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{folder.name:24} effect {effect:6.2f} {size:7,} bytes")


if __name__ == "__main__":
    main()
