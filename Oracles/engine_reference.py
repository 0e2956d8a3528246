"""Writes Tests/LowRankTensorsTests/Fixtures/engine.json: values of every layer kernel, in f64, by PyTorch and
transformers, against which the reference engine is held. Run from the package's root."""
import json
import math

import torch
from torch.nn import functional as F
from transformers.models.deberta_v2.configuration_deberta_v2 import DebertaV2Config
from transformers.models.deberta_v2.modeling_deberta_v2 import DisentangledSelfAttention, build_relative_position
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)
tokens, width, vocabulary = 5, 6, 7
heads, key_heads, size = 4, 2, 4


def numbers(t):
    return t.detach().double().flatten().tolist()


def normal(*shape):
    # Multiples of 1/64, so that the file stays small and the inputs are exact.
    return (torch.randn(*shape) * 64).round() / 64


out = {"made by": "Oracles/engine_reference.py, torch " + torch.__version__}

x, delta, w, b = normal(tokens, width), normal(tokens, width), normal(width), normal(width)
out["norm"] = {
    "x": numbers(x), "delta": numbers(delta), "weight": numbers(w), "bias": numbers(b),
    "layer": numbers(F.layer_norm(x + delta, (width,), w, b, 0.25)),
    "rootMeanSquare": numbers(F.rms_norm(x + delta, (width,), w, 0.25)),
    "rootMeanSquarePlusOne": numbers(F.rms_norm(x + delta, (width,), 1 + w, 0.25)),
}

x = torch.linspace(-6, 6, 25)
out["activations"] = {
    "x": numbers(x), "gelu": numbers(F.gelu(x)), "geluTanh": numbers(F.gelu(x, approximate="tanh")),
    "silu": numbers(F.silu(x)), "relu": numbers(F.relu(x)), "tanh": numbers(torch.tanh(x)),
    "softplus": numbers(F.softplus(x)),
}

q, k, v = normal(tokens, heads * size), normal(tokens, key_heads * size), normal(tokens, key_heads * size)
split = lambda t: t.view(1, tokens, -1, size).transpose(1, 2)
distance = torch.arange(tokens)[:, None] - torch.arange(tokens)[None, :]
masks = {
    "bidirectional": torch.ones(tokens, tokens, dtype=torch.bool),
    "causal": distance >= 0,
    "slidingWindow": (distance >= 0) & (distance < 2),
    "neighbourhood": distance.abs() <= 1,
}
out["attention"] = {"q": numbers(q), "k": numbers(k), "v": numbers(v)}
for name, mask in masks.items():
    o = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask, scale=0.5, enable_gqa=True)
    out["attention"][name] = numbers(o.transpose(1, 2).reshape(tokens, -1))

angles = torch.tensor([0.0, 3.0, 1.0, 2.0, 7.0])[:, None] * torch.tensor([1.0, 0.125])
cos, sin = angles.cos(), angles.sin()
turned, _ = apply_rotary_pos_emb(split(q), split(k), torch.cat([cos, cos], -1)[None], torch.cat([sin, sin], -1)[None])
out["rotary"] = {
    "cosine": numbers(cos), "sine": numbers(sin), "output": numbers(turned.transpose(1, 2).reshape(tokens, -1)),
}

h, weight, bias = normal(tokens, width), normal(vocabulary, width), normal(vocabulary)
labels = torch.tensor([0, 6, 3, 3, 1])
for t in (h, weight, bias):
    t.requires_grad_()
losses = F.cross_entropy(F.linear(h, weight, bias), labels, reduction="none")
losses.sum().backward()
out["head"] = {
    "hidden": numbers(h), "weight": numbers(weight), "bias": numbers(bias), "labels": labels.tolist(),
    "losses": numbers(losses), "hiddenGradient": numbers(h.grad), "weightGradient": numbers(weight.grad),
    "biasGradient": numbers(bias.grad),
}

value = normal(8).requires_grad_()
out["adamW"] = {"value": numbers(value), "gradients": [], "values": []}
optimizer = torch.optim.AdamW([value], lr=0.125, betas=(0.875, 0.9375), eps=2.0**-10, weight_decay=0.25)
for _ in range(3):
    value.grad = normal(8)
    out["adamW"]["gradients"].append(numbers(value.grad))
    optimizer.step()
    out["adamW"]["values"].append(numbers(value))

# DeBERTa's terms of scores, gathered by transformers from tables that are given instead of projected; buckets of
# four positions a side, so that far distances share them.
length, span = 9, 4
attention = DisentangledSelfAttention(DebertaV2Config(
    hidden_size=2 * size, num_attention_heads=2, relative_attention=True, position_buckets=span,
    max_relative_positions=16, pos_att_type=["c2p", "p2c"], norm_rel_ebd="none")).double()
with torch.no_grad():
    for parameter in attention.parameters():
        parameter.copy_(normal(*parameter.shape) / 4)
q, k, v, positions = (normal(rows, 2 * size) for rows in (length, length, length, 2 * span))
heads_of = lambda t: t.view(-1, 2, size).transpose(0, 1)
terms = attention.disentangled_attention_bias(heads_of(q), heads_of(k), None, positions, 3)
scores = heads_of(q) @ heads_of(k).transpose(1, 2) / math.sqrt(3 * size) + terms
of_queries = heads_of(q) @ heads_of(attention.pos_key_proj(positions)).transpose(1, 2)
of_keys = heads_of(k) @ heads_of(attention.pos_query_proj(positions)).transpose(1, 2)
column = build_relative_position(q, k, span, 16).squeeze(0) + span
flat = lambda t: numbers(t.transpose(0, 1).reshape(length, -1))
out["relative"] = {
    "q": numbers(q), "k": numbers(k), "v": numbers(v), "positionKeys": numbers(attention.pos_key_proj(positions)),
    "positionQueries": numbers(attention.pos_query_proj(positions)),
    "contentToPosition": flat(of_queries), "positionToContent": flat(of_keys),
    "columns": numbers(torch.cat([column[0].flip(0), column[1:, 0]]).clamp(0, 2 * span - 1)),
    "output": flat(scores.softmax(-1) @ heads_of(v)),
}

with open("Tests/LowRankTensorsTests/Fixtures/engine.json", "w") as file:
    json.dump(out, file, indent=0)
    file.write("\n")
