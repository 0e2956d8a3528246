"""A real GGUF file, Gemma 3 270M as Q4_K_M, against transformers with the numbers that its blocks stand for.

LOWRANK_GEMMA names the folder with `gemma-3-270m-q4_k_m.gguf` and `hf/`; the checks are skipped without.
"""

import json
import os
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from transformers import AutoModelForCausalLM, AutoTokenizer

from harness import ASSETS, lowrank, run

GEMMA = Path(os.environ.get("LOWRANK_GEMMA", "missing"))
FILE = GEMMA / "gemma-3-270m-q4_k_m.gguf"
REFERENCE = ASSETS / "gemma-3-270m/reference.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="LOWRANK_GEMMA names no folder with the model")

NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
OF_LAYERS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    lines = (ASSETS / "data/e2e/valid.jsonl").read_text().splitlines()[:64]
    path = tmp_path_factory.mktemp("e2e") / "rows.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def dequantized() -> AutoModelForCausalLM:
    model = AutoModelForCausalLM.from_pretrained(GEMMA / "hf", dtype=torch.float32).eval()
    state = {}
    for tensor in GGUFReader(FILE).tensors:
        values = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type)).reshape(*tensor.shape.tolist()[::-1])
        parts = tensor.name.split(".")
        name = NAMES[parts[0]] if parts[0] != "blk" else f"model.layers.{parts[1]}.{OF_LAYERS[parts[2]]}"
        state[f"{name}.weight"] = values - 1 if name.endswith("norm") else values
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert missing == ["lm_head.weight"] and not unexpected
    model.tie_weights()
    return model


def loss(model, path) -> float:
    """The mean over the tokens of completions and the end."""
    tokenizer = AutoTokenizer.from_pretrained(GEMMA / "hf")
    total, count = 0.0, 0
    for line in path.read_text().splitlines():
        row = json.loads(line)
        prompt = tokenizer(row["prompt"]).input_ids
        answer = tokenizer(row["completion"], add_special_tokens=False).input_ids + [tokenizer.eos_token_id]
        with torch.no_grad():
            logits = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1:-1]
        total -= logits.log_softmax(-1).gather(1, torch.tensor(answer)[:, None]).double().sum().item()
        count += len(answer)
    return total / count


def test_loss_of_the_file_is_that_of_its_numbers(rows):
    torch.set_num_threads(2)
    expected = loss(dequantized(), rows)
    found = lowrank("evaluate", "--model", FILE, "--data", rows, "--precision", "f32")["loss"]
    assert abs(found - expected) <= 1e-3, (found, expected)


def test_loss_of_the_folder_is_the_recorded_one(rows):
    expected = json.loads(REFERENCE.read_text())["e2e_valid_first_64"]["mean_nll_of_completion_and_eos"]
    found = lowrank("evaluate", "--model", GEMMA / "hf", "--data", rows, "--precision", "f32")["loss"]
    assert abs(found - expected) <= 1e-3, (found, expected)


def test_adapter_of_the_file_fits_the_folder(rows, tmp_path):
    adapter = tmp_path / "adapter"
    run("train", "--model", FILE, "--data", rows, "--adapter-path", adapter, "--rank", 2, "--iters", 2, "--batch-size", 2)
    answer = lowrank("evaluate", "--model", GEMMA / "hf", "--adapter", adapter, "--data", rows)
    assert answer["loss"] > 0
