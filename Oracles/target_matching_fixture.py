"""Makes Tests/LowRankAdaptersTests/Fixtures/target_matching.json: what PEFT's target rules select.

    python Oracles/target_matching_fixture.py [--output FILE]

`models` lists the modules of a model by kind (`linear`, `embedding`, `other`); `cases` each give a
model, fields of PEFT's LoraConfig, and what PEFT adapted: `matched` maps a module to its `r`,
`alpha` and `scaling`; or `error` is `nothing` (no module matched) or `kind` (a module matched that
cannot carry LoRA). PEFT itself decides: the adapters are made on models without storage.
"""

import argparse
import json
import warnings
from pathlib import Path

import peft
import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from tiny_models import GPT2, QWEN2, configuration

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "Tests/LowRankAdaptersTests/Fixtures/target_matching.json"

# Twelve layers: layer 1 must not take layers 10 and 11 with it.
MODELS = {
    "gpt2": GPT2 | dict(n_layer=12),
    "qwen2": QWEN2 | dict(num_hidden_layers=12, tie_word_embeddings=False),
}

CASES = [
    # lists of names: equal, or a suffix after a dot
    ("gpt2", dict(target_modules=["c_attn"])),
    ("gpt2", dict(target_modules=["c_proj"])),
    ("gpt2", dict(target_modules=["attn.c_proj"])),
    ("gpt2", dict(target_modules=["attn"])),
    ("gpt2", dict(target_modules=["_attn"])),
    ("gpt2", dict(target_modules=["transformer.h.1.attn.c_attn"])),
    ("gpt2", dict(target_modules=["h.1.mlp.c_fc", "wpe"])),
    ("gpt2", dict(target_modules=["wte", "c_fc"])),
    ("gpt2", dict(target_modules=["lm_head"])),
    ("gpt2", dict(target_modules=["ln_f"])),
    ("gpt2", dict(target_modules=["C_ATTN"])),
    ("gpt2", dict(target_modules=["c_attn", "not_there"])),
    ("gpt2", dict(target_modules=["c_.*"])),
    ("gpt2", dict()),
    ("qwen2", dict()),
    ("qwen2", dict(target_modules=["q_proj", "v_proj"])),
    ("qwen2", dict(target_modules=["proj"])),
    ("qwen2", dict(target_modules=["1.self_attn.q_proj"])),
    ("qwen2", dict(target_modules=["embed_tokens", "lm_head"])),
    # a string: a regular expression that must match the whole name
    ("gpt2", dict(target_modules="c_attn")),
    ("gpt2", dict(target_modules=r".*c_attn")),
    ("gpt2", dict(target_modules=r".*\.(c_attn|c_fc)")),
    ("qwen2", dict(target_modules=r".*\.layers\.(0|1[01])\..*(q|v)_proj")),
    ("qwen2", dict(target_modules=r".*[._]proj")),
    ("qwen2", dict(target_modules=r"model\.layers\.[2-4]\.mlp\.\w+_proj")),
    ("qwen2", dict(target_modules=r".*(?<!k)_proj")),
    ("qwen2", dict(target_modules=r".*self_attn")),
    ("qwen2", dict(target_modules=r"model\.layers\.\d\.self_attn\.q_proj")),
    # all-linear: everything but the head, whatever the case
    ("gpt2", dict(target_modules="all-linear")),
    ("qwen2", dict(target_modules="all-linear")),
    ("qwen2", dict(target_modules="ALL-linear")),
    ("qwen2", dict(target_modules=["all-linear"])),
    # exclusion comes first
    ("gpt2", dict(target_modules="all-linear", exclude_modules=["c_proj"])),
    ("gpt2", dict(target_modules=["c_proj"], exclude_modules=["attn.c_proj"])),
    ("gpt2", dict(target_modules=["c_attn"], exclude_modules=["c_attn"])),
    ("gpt2", dict(target_modules=["c_attn"], exclude_modules=r".*\.h\.1.*")),
    ("gpt2", dict(target_modules=["c_attn"], exclude_modules="c_attn")),
    ("qwen2", dict(target_modules="all-linear", exclude_modules=r".*mlp.*")),
    ("qwen2", dict(target_modules=r".*_proj", exclude_modules=["model.layers.0.mlp.up_proj"])),
    # saved modules are never adapted, nor what is inside them
    ("qwen2", dict(target_modules=["q_proj", "lm_head"], modules_to_save=["lm_head"])),
    ("qwen2", dict(target_modules=["q_proj", "up_proj"], modules_to_save=["mlp"])),
    ("qwen2", dict(target_modules="all-linear", modules_to_save=["self_attn", "lm_head"])),
    # layers: the first numbered segment, or the one after the pattern
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[1, 11])),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=1)),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=0)),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[])),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[99])),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[0, 3], layers_pattern="h")),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[0, 3], layers_pattern=["h"])),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[0], layers_pattern="layers")),
    ("gpt2", dict(target_modules=["c_attn"], layers_to_transform=[2], layers_pattern=[])),
    ("gpt2", dict(target_modules=["c_attn", "wte"], layers_to_transform=[2])),
    ("gpt2", dict(target_modules=["wte", "transformer.h.5.attn.c_attn", "c_fc"],
                  layers_to_transform=[2])),
    ("qwen2", dict(target_modules=["q_proj"], layers_to_transform=[1, 10],
                   layers_pattern=["blocks", "layers"])),
    ("qwen2", dict(target_modules=["q_proj"], layers_to_transform=[3], layers_pattern="model")),
    ("qwen2", dict(target_modules=["q_proj", "k_proj"], layers_to_transform=[3, 4],
                   exclude_modules=["4.self_attn.q_proj"])),
    # patterns of rank and alpha: the first key that matches at the end, as a regular expression
    ("qwen2", dict(target_modules=["q_proj", "v_proj"], rank_pattern={"q_proj": 2})),
    ("qwen2", dict(target_modules=["q_proj", "v_proj"], alpha_pattern={"v_proj": 32})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={
        "model.layers.1.self_attn.q_proj": 2, "q_proj": 3})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={
        "q_proj": 3, "model.layers.1.self_attn.q_proj": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={r"layers\.1\d\.self_attn\.q_proj": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={"1.self_attn.q_proj": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={"proj": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={".*proj": 2})),
    ("qwen2", dict(target_modules=["q_proj", "k_proj"], rank_pattern={"q_proj|k_proj": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={r"^model\.layers\.0\..*": 2})),
    ("qwen2", dict(target_modules=["q_proj"], rank_pattern={"self_attn": 2})),
    ("qwen2", dict(target_modules=["q_proj", "up_proj"], use_rslora=True,
                   rank_pattern={"q_proj": 4}, alpha_pattern={"layers.0.*": 3})),
    ("gpt2", dict(target_modules=["c_attn", "wte"], rank_pattern={"wte": 2, "0.attn.c_attn": 1},
                  alpha_pattern={"transformer.wte": 6})),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    output = parser.parse_args().output
    warnings.simplefilter("ignore")
    table = {
        "made_by": "Oracles/target_matching_fixture.py",
        "peft": peft.__version__,
        "models": {name: modules(meta_model(name)) for name in MODELS},
        "cases": [dict(model=model, config=config, **resolve(model, config))
                  for model, config in CASES],
    }
    output.write_text(compact(table))
    print(f"{len(CASES)} cases, {output.stat().st_size:,} bytes")


def meta_model(name: str):
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(configuration(MODELS[name]))


def kind(module) -> str:
    if isinstance(module, (torch.nn.Linear, Conv1D)):
        return "linear"
    return "embedding" if isinstance(module, torch.nn.Embedding) else "other"


def modules(model) -> dict:
    result = {"linear": [], "embedding": [], "other": []}
    for name, module in model.named_modules():
        if name:
            result[kind(module)].append(name)
    return result


def resolve(name: str, config: dict) -> dict:
    try:
        with torch.device("meta"):
            model = get_peft_model(meta_model(name), LoraConfig(
                **dict(r=8, lora_alpha=16, fan_in_fan_out=name == "gpt2") | config))
    except ValueError as error:
        if "is not supported" in str(error):
            return {"error": "kind"}
        assert "not found" in str(error) or "No modules" in str(error) or "excluded" in str(error)
        return {"error": "nothing"}
    return {"matched": {
        path.removeprefix("base_model.model."): {
            "r": layer.r["default"], "alpha": layer.lora_alpha["default"],
            "scaling": layer.scaling["default"]}
        for path, layer in model.named_modules() if isinstance(layer, LoraLayer)}}


def compact(table: dict) -> str:
    """JSON with one case, and one list of names, to a line."""
    cases = ",\n".join("  " + json.dumps(case) for case in table["cases"])
    models = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table["models"].items())
    head = "".join(f"{json.dumps(k)}: {json.dumps(table[k])},\n" for k in ("made_by", "peft"))
    return f'{{\n{head}"models": {{\n{models}\n}},\n"cases": [\n{cases}\n]\n}}\n'


if __name__ == "__main__":
    main()
