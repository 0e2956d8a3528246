"""Tokens that are added to a tokenizer, in both directions between the program and PEFT.

A user of PEFT resizes the base to `len(tokenizer)`, the tokenizer being the one beside the adapter,
and loads the adapter. Logits within 1e-4 of each other, merged folders included.
"""

import json
import shutil

import pytest
import torch
from peft import AutoPeftModelForCausalLM, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from harness import ASSETS, CHARACTERS, END, close, lowrank, run, save_tokenizer, score, \
    transformers_logits, write_rows
from tiny_models import GPT2, QWEN2, configuration, logits

TURNS = [("hi there", "ho ho"), ("and now", "then: no")]
# name: (configuration, rows of the model beyond the tokenizer's)
CASES = {
    "tied": (QWEN2 | dict(hidden_size=32, intermediate_size=48), 0),
    "untied": (QWEN2 | dict(hidden_size=32, intermediate_size=48, tie_word_embeddings=False), 0),
    "gpt2": (GPT2 | dict(n_embd=32, n_head=4, n_positions=64), 0),
    # The vocabulary of many models is padded: added tokens take rows that are there.
    "padded": (QWEN2 | dict(hidden_size=32, intermediate_size=48), 5),
    "padded-untied": (QWEN2 | dict(hidden_size=32, intermediate_size=48,
                                   tie_word_embeddings=False), 1),
}


@pytest.fixture(params=CASES)
def base(request, tmp_path):
    values, padding = CASES[request.param]
    torch.manual_seed(4)
    folder = tmp_path / "model"
    AutoModelForCausalLM.from_config(configuration(values | dict(
        vocab_size=len(CHARACTERS) + padding, bos_token_id=1, eos_token_id=END,
        initializer_range=0.1))).save_pretrained(folder)
    save_tokenizer(folder)
    write_rows(tmp_path / "data/train.jsonl", [dict(messages=[
        dict(role="user", content=asked), dict(role="assistant", content=said)])
        for asked, said in TURNS])
    return folder


@pytest.fixture
def trained(base):
    """An adapter of the program, trained on conversations with added tokens."""
    adapter = base.parent / "adapter"
    lowrank("train", "--model", base, "--data", base.parent / "data", "--adapter-path", adapter,
            "--chat-template", "chatml", "--add-tokens", "--iters", 20, "--learning-rate", 0.02,
            "--batch-size", 2, "--precision", "f32", "--target", "all-linear")
    return adapter


def resized(base, tokenizer):
    model = AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, attn_implementation="eager")
    model.resize_token_embeddings(len(tokenizer))
    return model


def chat(tokenizer, prompt=False):
    """A conversation as token ids, by transformers."""
    messages = [dict(role="user", content="hi there")]
    if not prompt:
        messages.append(dict(role="assistant", content="ho ho"))
    found = tokenizer.apply_chat_template(messages, add_generation_prompt=prompt,
                                          return_dict=True, return_tensors="pt")
    return found["input_ids"]


def test_ours_read_by_peft(base, trained):
    tokenizer = AutoTokenizer.from_pretrained(trained)
    assert len(tokenizer) == len(CHARACTERS) + 2
    assert tokenizer.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"]) == \
        [len(CHARACTERS), len(CHARACTERS) + 1]
    ids = chat(tokenizer)
    assert (ids >= len(CHARACTERS)).sum() == 4
    ours = score(base, ids, base.parent, trained)
    model = PeftModel.from_pretrained(resized(base, tokenizer), trained).eval()
    reference = logits(model, ids)
    # A base that is padded beyond the tokenizer is cut by the resize; the other rows are not tokens.
    close(ours[:, :len(tokenizer)], reference[:, :len(tokenizer)], 1e-4)
    # AutoPeftModel finds the tokenizer beside the adapter, and resizes the base by itself.
    alone = AutoPeftModelForCausalLM.from_pretrained(trained, dtype=torch.float32).eval()
    close(logits(alone, ids)[:, :len(tokenizer)], reference[:, :len(tokenizer)], 1e-4)
    rows = load_file(trained / "adapter_model.safetensors")
    assert not [k for k in rows if "lora_" not in k and "trainable_tokens_delta" not in k]


def test_merged_is_read_by_transformers(base, trained, tmp_path):
    merged = tmp_path / "merged"
    run("merge", "--model", base, "--adapter", trained, "--output", merged)
    tokenizer = AutoTokenizer.from_pretrained(merged)
    ids = chat(tokenizer)
    ours = score(base, ids, tmp_path, trained)
    close(ours, transformers_logits(merged, ids), 1e-4)
    config = json.loads((merged / "config.json").read_text())
    assert config["vocab_size"] == ours.shape[1]
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert AutoModelForCausalLM.from_pretrained(merged).generation_config.eos_token_id == [END, end]


def test_answers_stop_as_in_transformers(base, trained, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(trained)
    said = lowrank("generate", "--model", base, "--adapter", trained, "--chat", "--prompt",
                   "hi there", "--precision", "f32", "--max-tokens", 12)["completions"][0]
    model = PeftModel.from_pretrained(resized(base, tokenizer), trained).eval()
    ids = chat(tokenizer, prompt=True)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    found = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12,
                           do_sample=False, eos_token_id=[END, end], pad_token_id=END)
    reference = found[0, ids.shape[1]:].tolist()
    reference = reference[:next((i for i, t in enumerate(reference) if t in (END, end)), 12)]
    ours = [t for t in said["ids"] if t not in (END, end)]
    assert ours == reference


@pytest.mark.parametrize("how", ["tokens", "whole"])
def test_peft_read_by_ours(base, how, tmp_path):
    """A base that PEFT's user resized, saved as PEFT saves it: rows of tokens, or whole embeddings."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    rows = model.get_input_embeddings().weight.shape[0]
    if rows > len(tokenizer):
        pytest.skip("nothing is resized")
    model.resize_token_embeddings(len(tokenizer))
    new = list(range(len(CHARACTERS), len(tokenizer)))
    names = dict(gpt2="wte").get(model.config.model_type, "embed_tokens")
    tied = model.config.tie_word_embeddings
    indices = new if tied else {names: new, "lm_head": new}
    torch.manual_seed(6)
    peft = get_peft_model(model, LoraConfig(
        r=4, target_modules="all-linear", task_type="CAUSAL_LM", fan_in_fan_out=names == "wte",
        trainable_token_indices=indices if how == "tokens" else None))
    for name, parameter in peft.named_parameters():
        if parameter.requires_grad or how == "whole" and names in name:
            parameter.data += 0.1 * torch.randn_like(parameter)
    adapter = tmp_path / "peft"
    peft.eval().save_pretrained(adapter)
    tokenizer.save_pretrained(adapter)
    assert any(k.endswith(".weight") and "lora_" not in k
               for k in load_file(adapter / "adapter_model.safetensors"))
    ids = torch.tensor([[5, new[0], 9, 12, new[1], 7]])
    reference = logits(peft, ids)
    close(score(base, ids, tmp_path, adapter), reference, 1e-4)
    merged = tmp_path / "merged"
    run("merge", "--model", base, "--adapter", adapter, "--output", merged)
    close(transformers_logits(merged, ids), reference, 1e-4)
    assert len(AutoTokenizer.from_pretrained(merged)) == len(tokenizer)


def test_real_model(tmp_path):
    base = ASSETS / "models/stories260K"
    if not base.exists():
        pytest.skip("LOWRANK_ASSETS has no stories260K")
    write_rows(tmp_path / "data/train.jsonl", [dict(messages=[
        dict(role="user", content=f"Tell me of a {name}."),
        dict(role="assistant", content=f"Once there was a {name}.")])
        for name in ("cat", "dog", "bird", "boat")])
    adapter, merged = tmp_path / "adapter", tmp_path / "merged"
    lowrank("train", "--model", base, "--data", tmp_path / "data", "--adapter-path", adapter,
            "--chat-template", "chatml", "--add-tokens", "--iters", 40, "--learning-rate", 5e-3,
            "--precision", "f32", "--target", "all-linear")
    tokenizer = AutoTokenizer.from_pretrained(adapter)
    assert len(tokenizer) == 514
    ids = chat(tokenizer)
    ours = score(base, ids, tmp_path, adapter)
    model = PeftModel.from_pretrained(resized(base, tokenizer), adapter).eval()
    close(ours, logits(model, ids), 1e-4)
    run("merge", "--model", base, "--adapter", adapter, "--output", merged)
    close(transformers_logits(merged, ids), ours, 1e-4)
    # The texts are the same tokens: what was trained on is what a user of transformers sends.
    check = lowrank("data", "check", "--model", base, "--adapter", adapter, "--data",
                    tmp_path / "data", "--rows", 4)
    assert check["files"][0]["untrained"] == 0
    shutil.rmtree(merged)
