"""Fifty AdamW steps from the same factors on the same batches agree with PEFT step by step.

Every step sees the whole data set, so the order of rows cannot matter: as one batch, or as two that
are accumulated. Loss at each step within 1e-4, final factors within 1e-3 in Frobenius norm.
"""

import pytest
import torch
from peft import PeftModel, get_peft_model
from safetensors.torch import load_file

from adapters_fixture import load, lora_config
from harness import CHARACTERS, END, lowrank, save_tokenizer, write_rows
from steps import STEPS, adamw, compare, far, train_peft
from tiny_models import GPT2, QWEN2, configuration
from transformers import AutoModelForCausalLM

RATE = 1e-3
TEXTS = ["the small cat sat on a mat.", "dogs run.", "it rains: stay in, read a book.",
         "a bird sings", "we saw ten ships, far out at sea.", "no.", "cold wind, warm fire.",
         "she wrote it all down."]

# name: (configuration, PEFT's fields, rows with a prompt)
CASES = {
    "gpt2": (GPT2 | dict(n_embd=64, n_head=4, n_positions=64), dict(r=8, lora_alpha=16), False),
    "qwen2": (QWEN2 | dict(hidden_size=64, intermediate_size=128),
              dict(r=8, lora_alpha=16, target_modules="all-linear"), True),
    "tokens": (QWEN2 | dict(hidden_size=64, intermediate_size=128, tie_word_embeddings=False),
               dict(r=8, lora_alpha=16, trainable_token_indices=[5, 9, 20, 22]), False),
    "tokens-tied": (QWEN2 | dict(hidden_size=64, intermediate_size=128),
                    dict(r=8, lora_alpha=16, trainable_token_indices=[5, 9, 20, 22]), False),
}


def split(text):
    """A prompt and its completion, joined as they are."""
    middle = len(text) // 3
    return text[:middle], text[middle:]


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    values, fields, prompted = CASES[request.param]
    torch.manual_seed(3)
    base = tmp_path / "model"
    model = AutoModelForCausalLM.from_config(configuration(values | dict(
        vocab_size=len(CHARACTERS), bos_token_id=1, eos_token_id=END, initializer_range=0.1)))
    model.save_pretrained(base)
    tokenizer = save_tokenizer(base)
    start = tmp_path / "start"
    get_peft_model(load(base), lora_config(base, fields)).save_pretrained(start)
    rows = [dict(zip(("prompt", "completion"), split(t))) if prompted else dict(text=t)
            for t in TEXTS]
    write_rows(tmp_path / "data/train.jsonl", rows)
    return tmp_path, base, start, batch(tokenizer, prompted)


def batch(tokenizer, prompted):
    """All rows as one padded batch: ids, labels, attention mask."""
    rows, labels = [], []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids + [END]
        # One character is one token, after the <s> that the tokenizer puts first.
        hidden = 1 + len(split(text)[0]) if prompted else 0
        rows.append(torch.tensor(ids))
        labels.append(torch.tensor([-100] * hidden + ids[hidden:]))
    pad = torch.nn.utils.rnn.pad_sequence
    ids = pad(rows, batch_first=True)
    mask = pad([torch.ones_like(r) for r in rows], batch_first=True)
    return dict(input_ids=ids, labels=pad(labels, batch_first=True, padding_value=-100),
                attention_mask=mask)


def peft_run(base, start, data):
    """PEFT's loss before each step, and its final factors."""
    model = PeftModel.from_pretrained(load(base), start, is_trainable=True).eval()
    return train_peft(model, data, adamw(model, RATE))


@pytest.mark.parametrize("parts", [1, 2], ids=["one-batch", "accumulated"])
def test_fifty_steps(case, parts):
    scratch, base, start, data = case
    losses, factors = peft_run(base, start, data)
    assert losses[-1] < 0.9 * losses[0], "too little was learned to compare"
    # The reference's own noise: the same batch in another order, where only sums are reordered.
    backwards = {k: v.flip(0) for k, v in data.items()}
    noise = far(peft_run(base, start, backwards)[1], factors)

    adapter = scratch / "adapter"
    lowrank("train", "--model", base, "--data", scratch / "data", "--adapter-path", adapter,
            "--init-adapter", start, "--iters", STEPS, "--batch-size", len(TEXTS) // parts,
            "--grad-accumulation", parts, "--learning-rate", RATE, "--lr-schedule", "constant",
            "--weight-decay", 0, "--base-dropout", 0, "--precision", "f32")
    compare(adapter, losses)
    distance = far(load_file(adapter / "adapter_model.safetensors"), factors)
    assert distance <= 1e-3, f"factors differ by {distance:.1e}; PEFT's own noise is {noise:.1e}"
