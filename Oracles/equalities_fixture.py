"""Writes what PyTorch says of one batch of unequal rows, however it is laid out.

    python Oracles/equalities_fixture.py

For two of the adapters' fixtures: eight rows with masked prompts, their mean loss over the trained
tokens and its gradients in every factor, in double precision. Padding at the right, padding at the
left, and each row alone, weighted by its trained tokens, are asserted to agree first. `noise` is how
far PyTorch's own gradients in single precision are from these, or from each other, norm-wise.
Writes Tests/LowRankTrainingTests/Fixtures/equalities/NAME.safetensors.
"""

import json
import warnings
from functools import partial
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).resolve().parents[1]
ADAPTERS = ROOT / "Tests/LowRankAdaptersTests/Fixtures"
OUTPUT = ROOT / "Tests/LowRankTrainingTests/Fixtures/equalities"
NAMES = ["gpt2-all-linear", "qwen2-all-linear"]


def rows(vocabulary: int):
    """Token ids, and how many of the first are a prompt that is not trained."""
    generator = torch.Generator().manual_seed(7)
    lengths, prompts = [5, 12, 3, 9, 16, 2, 7, 11], [0, 4, 1, 8, 0, 1, 6, 2]
    ids = [torch.randint(vocabulary, (length,), generator=generator) for length in lengths]
    return list(zip(ids, prompts))


def loss(model, batch, left: bool):
    """The mean loss of the trained tokens of a padded batch."""
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, (tokens, prompt) in enumerate(batch):
        start = longest - len(tokens) if left else 0
        place = slice(start, start + len(tokens))
        ids[row, place], mask[row, place] = tokens, 1
        # The first token of a row is predicted from nothing.
        labels[row, start + max(prompt, 1):start + len(tokens)] = tokens[max(prompt, 1):]
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1))


def gradients(model, value):
    names = {name: p for name, p in model.named_parameters() if p.requires_grad}
    found = torch.autograd.grad(value, list(names.values()), allow_unused=True)
    return {name.replace(".default", ""): torch.zeros_like(p) if g is None else g
            for (name, p), g in zip(names.items(), found)}


def distance(a, b) -> float:
    """The norm of the difference over the norm of b."""
    def squares(values):
        return sum((v.double() ** 2).sum().item() for v in values)
    return (squares(a[k].double() - b[k].double() for k in b) / squares(b.values())) ** 0.5


def row_by_row(model, batch, counts):
    return sum(loss(model, [row], False) * n for row, n in zip(batch, counts)) / sum(counts)


def adapted(base: Path, folder: Path, dtype):
    model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, attn_implementation="sdpa")
    model = PeftModel.from_pretrained(model, folder, is_trainable=True).to(dtype).eval()
    if dtype == torch.float64:
        for module in model.modules():
            if type(module).__name__.endswith("RMSNorm"):
                module.forward = partial(exact_norm, module)
            if type(module).__name__.endswith("RotaryEmbedding"):
                module.forward = partial(exact_rotary, module)
    return model


def exact_norm(module, x):
    """As the module's own, which computes in single precision whatever it is given."""
    return module.weight * x * torch.rsqrt((x * x).mean(-1, keepdim=True) + module.variance_epsilon)


def exact_rotary(module, x, position_ids):
    half = module.inv_freq.shape[0]
    rates = module.config.rope_parameters["rope_theta"] ** (
        -torch.arange(half, dtype=torch.float64) / half)
    angles = position_ids[:, :, None].double() * rates
    both = torch.cat([angles, angles], dim=-1)
    return both.cos(), both.sin()


def close(a, b):
    for name in a:
        torch.testing.assert_close(a[name], b[name], rtol=1e-9, atol=1e-12)


def main():
    warnings.simplefilter("ignore")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        folder = ADAPTERS / name
        base = folder / json.loads((folder / "base.json").read_text())["base"]
        model = adapted(base, folder, torch.float64)
        batch = rows(model.config.vocab_size)
        counts = [len(ids) - max(prompt, 1) for ids, prompt in batch]
        right, left = loss(model, batch, left=False), loss(model, batch, left=True)
        alone = row_by_row(model, batch, counts)
        expected = gradients(model, right)
        close({"loss": right}, {"loss": left})
        close({"loss": right}, {"loss": alone})
        close(expected, gradients(model, left))
        close(expected, gradients(model, alone))
        single = adapted(base, folder, torch.float32)
        padded = gradients(single, loss(single, batch, left=False))
        apart = gradients(single, row_by_row(single, batch, counts))
        noise = max(distance(padded, expected), distance(apart, padded))
        tensors = {f"gradient.{key}": value.float() for key, value in expected.items()}
        tensors["noise"] = torch.tensor([noise], dtype=torch.float32)
        tensors["loss"] = right.detach().float().reshape(1)
        for row, (ids, prompt) in enumerate(batch):
            tensors[f"ids.{row}"] = ids.int()
            tensors[f"prompt.{row}"] = torch.tensor([prompt], dtype=torch.int32)
        save_file({k: v.contiguous() for k, v in tensors.items()},
                  OUTPUT / f"{name}.safetensors", {"made_by": "Oracles/equalities_fixture.py"})
        print(f"{name}: loss {right.item():.6f}, {len(expected)} gradients, noise {noise:.1e}")


if __name__ == "__main__":
    main()
