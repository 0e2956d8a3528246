"""Writes Tests/LowRankTrainingTests/Fixtures/adalora.json: a hundred steps of PEFT's AdaLoRA on gradients that follow from
the factors alone, `½ Σ ‖ΔW − M‖²` over four maps of a tiny Llama, in f64. Run from the package's root."""

import json
from pathlib import Path

import torch
from peft import AdaLoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/adalora.json")
STEPS, RANK, ALPHA, RATE = 100, 4, 8, 0.02
OPTIONS = dict(target_r=2, tinit=10, tfinal=20, deltaT=5, beta1=0.85, beta2=0.85)

torch.manual_seed(20)
base = LlamaForCausalLM(LlamaConfig(
    vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=1))
model = get_peft_model(base, AdaLoraConfig(
    init_r=RANK, lora_alpha=ALPHA, total_step=STEPS, target_modules=["q_proj", "v_proj"],
    **OPTIONS)).double()
maps = {name.removeprefix("base_model.model."): module for name, module in
        model.named_modules() if name.endswith(("q_proj", "v_proj"))}
short = lambda tensor: [float(f"{x:.12g}") for x in tensor.flatten().tolist()]
# Exactly as the fixture has them.
rounded = lambda tensor: (tensor * 1024).round() / 1024
start, targets = {}, {}
for index, (path, module) in enumerate(maps.items()):
    rank = (4, 1, 3, 2)[index]
    m, n = module.base_layer.weight.shape
    targets[path] = rounded(0.2 * (index + 1) * torch.randn(m, rank) @ torch.randn(rank, n)).double()
    with torch.no_grad():
        for factor in (module.lora_A["default"], module.lora_B["default"]):
            factor.copy_(rounded(0.3 * torch.randn(factor.shape)))
    start[path] = {"a": short(module.lora_A["default"]), "b": short(module.lora_B["default"])}
optimizer = torch.optim.AdamW(
    [p for n, p in model.named_parameters() if "lora_" in n], lr=RATE, weight_decay=0)
masks = []
for step in range(1, STEPS + 1):
    loss = sum(0.5 * (m.get_delta_weight("default") - targets[p]).square().sum()
               for p, m in maps.items())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.base_model.update_and_allocate(step)
    pattern = model.peft_config["default"].rank_pattern or {}
    kept = {name.removeprefix("base_model.model.").removesuffix(".lora_E.default"): mask
            for name, mask in pattern.items()}
    masks.append([sum(kept[path]) if path in kept else RANK for path in maps])
OUTPUT.write_text(json.dumps({
    "steps": STEPS, "rank": RANK, "alpha": ALPHA, "rate": RATE, "options": OPTIONS,
    "paths": list(maps), "start": start, "targets": {p: short(t) for p, t in targets.items()},
    "ranks": masks,
    "end": {path: {key: short(getattr(module, f"lora_{key.upper()}")["default"])
                   for key in ("a", "b", "e")} for path, module in maps.items()},
}) + "\n")
print(masks[9], masks[20], masks[40], masks[79], masks[-1], float(loss))
