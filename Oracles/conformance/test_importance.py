"""The importance of each component by `lowrank compress --importance`, against torch's own derivatives on PEFT's adapter."""

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from adapters_fixture import load, move
from harness import CHARACTERS, END, lowrank, save_tokenizer, write_rows
from tiny_models import QWEN2, configuration

TEXTS = ["abc de, fgh.", "hello there", "a b c d e f g", "no: it is not so", "xyz"]
RANK = 4


@pytest.fixture
def base(tmp_path):
    torch.manual_seed(6)
    folder = tmp_path / "model"
    AutoModelForCausalLM.from_config(configuration(QWEN2 | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, hidden_size=32,
        intermediate_size=48, initializer_range=0.2))).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("dora", [False, True])
def test_importance(base, tmp_path, dora):
    tokenizer = save_tokenizer(base)
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [dict(text=text) for text in TEXTS])
    model = get_peft_model(load(base), LoraConfig(
        r=RANK, lora_alpha=6, target_modules=["q_proj", "down_proj"], use_dora=dora))
    move(model, 9)
    model.save_pretrained(tmp_path / "adapter")
    model = PeftModel.from_pretrained(
        load(base), tmp_path / "adapter", is_trainable=True).eval()

    # γ = ∂L/∂c for ΔW = Σ c_i s σ_i u_i v_iᵀ: by the chain rule over ∂L/∂B and ∂L/∂A of torch.
    modules = {name: module for name, module in model.named_modules() if hasattr(module, "lora_B")
               and len(module.lora_B)}
    sums = {name: np.zeros(RANK) for name in modules}
    squares = {name: np.zeros(RANK) for name in modules}
    tokens = 0
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(text).ids + [END]])
        scores = model(ids).logits[0, :-1].log_softmax(-1)
        loss = -scores.gather(1, ids[0, 1:, None]).sum()
        model.zero_grad()
        loss.backward()
        tokens += ids.shape[1] - 1
        for name, module in modules.items():
            up, down = module.lora_B["default"].weight, module.lora_A["default"].weight
            b, a = up.detach().double().numpy(), down.detach().double().numpy()
            u, sizes, v = np.linalg.svd(b @ a, full_matrices=False)
            # B A = U Σ Vᵀ; with c before each component, dB = U Σ dc Vᵀ A⁺ (A has full row rank).
            inverse = np.linalg.pinv(a)
            gradient = up.grad.double().numpy()
            for index in range(RANK):
                change = sizes[index] * np.outer(u[:, index], v[index] @ inverse)
                gate = (gradient * change).sum()
                sums[name][index] += gate
                squares[name][index] += gate * gate

    for score, expected in (
        ("taylor", {name: abs(values) / tokens for name, values in sums.items()}),
        ("fisher", {name: values / tokens for name, values in squares.items()}),
    ):
        found = lowrank(
            "compress", tmp_path / "adapter", "--output", tmp_path / score, "--keep", 0.5,
            "--importance", score, "--calibrate", rows, "--model", base, "--precision", "f32")
        assert found["importance"] == score
        components = found["importance_components"]
        assert components["rows"] == len(TEXTS) and components["tokens"] == tokens
        ours = {}
        for name in expected:
            path = name.removeprefix("base_model.model.")
            ours[path] = np.array(components["components"][path])
            largest = max(values.max() for values in expected.values())
            assert np.abs(ours[path] - expected[name]).max() <= 1e-4 * largest, (score, path)
        # The half that matters most is kept; with magnitudes, of each module one component at least.
        best = {path: sorted(values, reverse=True) for path, values in ours.items()}
        least = int(dora)
        rest = sorted((value for values in best.values() for value in values[least:]), reverse=True)
        last = rest[RANK * len(ours) // 2 - least * len(ours) - 1]
        for module in found["per_module"]:
            kept = least + sum(value >= last for value in best[module["path"]][least:])
            assert module["rank_after"] == kept, module
