"""Tiny random-weight models, one for each architectural variant that LowRank reads.

A library for the other oracle scripts. Each `Variant` is a transformers configuration with a note
of what it is there to catch: `decoys` are changes of the configuration that a wrong reader could
silently make, and each must move the logits by more than 1e-2.

Weights are multiples of 1/64 below 2 in magnitude: exact in bfloat16, and they compress.
"""

from dataclasses import dataclass, field

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig
from transformers.utils import logging

logging.disable_progress_bar()
logging.set_verbosity_error()

GPT2 = dict(
    model_type="gpt2", vocab_size=48, n_positions=32, n_embd=16, n_layer=2, n_head=2,
    bos_token_id=0, eos_token_id=0,
)
LLAMA = dict(
    model_type="llama", vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
    bos_token_id=1, eos_token_id=2,
)
MISTRAL = LLAMA | dict(model_type="mistral", num_attention_heads=4, num_key_value_heads=2)
QWEN2 = LLAMA | dict(model_type="qwen2", num_attention_heads=4, num_key_value_heads=2,
                     rms_norm_eps=1e-6, tie_word_embeddings=True)
QWEN3 = QWEN2 | dict(model_type="qwen3", head_dim=8)
SMOLLM3 = LLAMA | dict(model_type="smollm3", num_hidden_layers=4, num_attention_heads=4,
                       num_key_value_heads=2, tie_word_embeddings=True, pad_token_id=0)
PHI3 = LLAMA | dict(model_type="phi3", num_attention_heads=4, num_key_value_heads=2, pad_token_id=0,
                    hidden_size=32, original_max_position_embeddings=16)
GEMMA3 = dict(
    model_type="gemma3_text", vocab_size=48, hidden_size=16, intermediate_size=24,
    num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=1, head_dim=8,
    query_pre_attn_scalar=8, sliding_window=6, max_position_embeddings=64,
    layer_types=["sliding_attention", "full_attention", "sliding_attention"], pad_token_id=0,
    bos_token_id=2, eos_token_id=1,
)


def rope(kind, theta=10000.0, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


def gemma_rope(full=1000000.0, sliding=10000.0, rope_type="default", **more):
    return dict(rope_parameters=dict(
        full_attention=dict(rope_type=rope_type, rope_theta=full, **more),
        sliding_attention=dict(rope_type="default", rope_theta=sliding)))


def long_rope(share, **changes):
    return rope("longrope", **dict(
        partial_rotary_factor=share, short_factor=[1.0, 1.1, 1.3], long_factor=[1.2, 2.0, 5.0]) | changes)


LLAMA3_ROPE = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=64)


@dataclass
class Variant:
    """One configuration, and changes to it that must be visible in the logits."""

    name: str
    config: dict
    decoys: list[dict] = field(default_factory=list)
    lengths: tuple[int, ...] = (24, 5)
    # What the checkpoint has for a tied head: "other" numbers beside the table, or the head "alone" without the table.
    head: str | None = None


VARIANTS = [
    # GPT-2
    Variant("gpt2", GPT2, [dict(activation_function="relu"), dict(layer_norm_epsilon=0.1)]),
    Variant("gpt2-untied", GPT2 | dict(tie_word_embeddings=False)),
    Variant("gpt2-inner-gelu", GPT2 | dict(n_inner=40, activation_function="gelu"),
            [dict(activation_function="relu")]),
    Variant("gpt2-inverse-layer-scale", GPT2 | dict(scale_attn_by_inverse_layer_idx=True),
            [dict(scale_attn_by_inverse_layer_idx=False)]),
    Variant("gpt2-unscaled", GPT2 | dict(scale_attn_weights=False),
            [dict(scale_attn_weights=True)]),
    # Llama 2 and 3
    Variant("llama2", LLAMA | rope("default"), [rope("default", 500.0), dict(rms_norm_eps=0.1)]),
    Variant("llama3", LLAMA | rope("llama3", **LLAMA3_ROPE) | dict(
        num_attention_heads=4, num_key_value_heads=2, head_dim=16,
        max_position_embeddings=512), [rope("default"), rope("linear", factor=8.0)]),
    Variant("llama-rope-theta", LLAMA | rope("default", 500.0) | dict(
        num_attention_heads=4, num_key_value_heads=1), [rope("default")]),
    Variant("llama-rope-linear", LLAMA | rope("linear", factor=4.0), [rope("default")]),
    Variant("llama-rope-dynamic", LLAMA | rope("dynamic", factor=2.0) | dict(
        max_position_embeddings=16), [rope("default"), rope("linear", factor=2.0)],
        lengths=(40, 24, 8)),
    Variant("llama-biases", LLAMA | rope("default") | dict(attention_bias=True, mlp_bias=True)),
    Variant("smollm", LLAMA | rope("default") | dict(
        num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        tie_word_embeddings=True)),
    # Mistral, Qwen
    Variant("mistral", MISTRAL | rope("default") | dict(sliding_window=6),
            [dict(sliding_window=7), dict(sliding_window=5), dict(sliding_window=None)]),
    Variant("mistral-full", MISTRAL | rope("default") | dict(sliding_window=None, head_dim=8)),
    Variant("qwen2", QWEN2 | rope("default", 1000000.0), [rope("default", 100.0)]),
    Variant("qwen2-sliding", QWEN2 | rope("default") | dict(
        num_hidden_layers=3, use_sliding_window=True, sliding_window=6, max_window_layers=1,
        tie_word_embeddings=False),
        [dict(use_sliding_window=False), dict(max_window_layers=0), dict(max_window_layers=2)]),
    Variant("qwen3", QWEN3 | rope("default", 1000000.0), [dict(rms_norm_eps=0.1)]),
    Variant("qwen3-bias", QWEN3 | rope("default") | dict(
        attention_bias=True, tie_word_embeddings=False)),
    # SmolLM3
    Variant("smollm3", SMOLLM3 | rope("default", 5000.0),
            [dict(no_rope_layers=[1, 1, 1, 1]), dict(no_rope_layer_interval=2)]),
    Variant("smollm3-sliding", SMOLLM3 | rope("default") | dict(
        no_rope_layer_interval=2, use_sliding_window=True, sliding_window=6, attention_bias=True,
        mlp_bias=True, tie_word_embeddings=False),
        [dict(use_sliding_window=False), dict(no_rope_layer_interval=3)]),
    # Gemma 3
    Variant("gemma3", GEMMA3 | gemma_rope(), [
        dict(query_pre_attn_scalar=16), dict(sliding_window=7), dict(hidden_activation="silu"),
        gemma_rope(full=10000.0), gemma_rope(sliding=500.0),
        dict(layer_types=["full_attention"] * 3)]),
    Variant("gemma3-untied", GEMMA3 | gemma_rope() | dict(
        tie_word_embeddings=False, attention_bias=True, num_key_value_heads=2)),
    Variant("gemma3-linear", GEMMA3 | gemma_rope(rope_type="linear", factor=8.0) | dict(
        num_hidden_layers=6, layer_types=None, query_pre_attn_scalar=12), [gemma_rope()]),
    # Phi-3 and Phi-4-mini
    Variant("phi3", PHI3 | rope("default", partial_rotary_factor=1.0) | dict(sliding_window=6), [
        dict(sliding_window=7), dict(sliding_window=None), rope("default", 100.0)]),
    Variant("phi4-mini", PHI3 | long_rope(0.75) | dict(
        head_dim=8, num_key_value_heads=1, tie_word_embeddings=True), [
        long_rope(0.75, long_factor=[2.0, 3.0, 4.0]),
        long_rope(0.75, attention_factor=1.0)], lengths=(24, 5)),
    # Configurations and checkpoints that disagree
    Variant("llama-rope-dynamic-original", LLAMA | rope(
        "dynamic", factor=2.0, original_max_position_embeddings=8) | dict(
        max_position_embeddings=16), [dict(max_position_embeddings=8)], lengths=(40, 12)),
    Variant("llama-other-head", LLAMA | rope("default") | dict(tie_word_embeddings=True),
            head="other"),
    Variant("llama-head-alone", LLAMA | rope("default") | dict(tie_word_embeddings=True),
            head="alone"),
    Variant("gpt2-other-head", GPT2, head="other"),
    Variant("gpt2-head-alone", GPT2, head="alone"),
]


def configuration(values: dict) -> PreTrainedConfig:
    values = dict(values)
    return AutoConfig.for_model(values.pop("model_type"), **values)


def random_model(config: PreTrainedConfig, seed: int, kind=AutoModelForCausalLM):
    """The model in f32 whose every parameter is random and matters: no norm is 1, no bias 0."""
    generator = torch.Generator().manual_seed(seed)
    make = getattr(kind, "from_config", None) or kind._from_config
    model = make(config, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_norm = parameter.ndim == 1 and name.endswith("weight")
            value = 1 + 0.3 * noise if is_norm else 0.3 * noise
            parameter.copy_((value.clamp(-1.9, 1.9) * 64).round() / 64)
    return model


def random_ids(vocabulary: int, length: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(vocabulary, (1, length), generator=generator)


def logits(model, ids: torch.Tensor) -> torch.Tensor:
    """[tokens, vocabulary] for ids of shape [1, tokens]."""
    with torch.no_grad():
        return model(input_ids=ids, use_cache=False).logits[0].float().contiguous()
