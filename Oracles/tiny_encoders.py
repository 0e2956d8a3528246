"""Tiny random-weight encoders and sequence classifiers, as tiny_models.py has for language models.

A library for the other oracle scripts. `targets` are the maps that the fixture's adapter changes;
`decoys` are changes of the configuration that a wrong reader could silently make, each with the
least change of the outputs that it must cause. Token 0 or 1 is the padding's, as `pad_token_id`
says; `random_rows` never uses it.
"""

from dataclasses import dataclass, field

import torch
from transformers import AutoModelForSequenceClassification

from tiny_models import GPT2, LLAMA, QWEN2, configuration, random_model, rope

LENGTHS = (1, 2, 7, 33, 60)
VISIBLE = 1e-2
# The exact GELU and its tanh form differ by 5e-4 at most, the outputs by little more.
SLIGHT = 5e-4

SINGLE = dict(num_labels=3, problem_type="single_label_classification")
MULTI = dict(num_labels=4, problem_type="multi_label_classification")
REGRESSION = dict(num_labels=1, problem_type="regression")

BERT = dict(
    model_type="bert", vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=64, type_vocab_size=2, pad_token_id=0,
)
ROBERTA = BERT | dict(model_type="roberta", type_vocab_size=1, max_position_embeddings=66,
                      pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)
DISTILBERT = dict(
    model_type="distilbert", vocab_size=40, dim=16, hidden_dim=32, n_layers=2, n_heads=2,
    max_position_embeddings=64, pad_token_id=0,
)
# As deberta-base; 24 relative positions, so that longer rows are cut off.
DEBERTA = BERT | dict(
    model_type="deberta", type_vocab_size=0, layer_norm_eps=1e-7, relative_attention=True,
    position_biased_input=False, pos_att_type="c2p|p2c", max_relative_positions=24,
)
# As deberta-v3-base.
DEBERTA_V3 = DEBERTA | dict(
    model_type="deberta-v2", max_relative_positions=-1, position_buckets=8, share_att_key=True,
    pos_att_type="p2c|c2p", norm_rel_ebd="layer_norm",
)
DEBERTA_V2 = DEBERTA_V3 | dict(conv_kernel_size=3, conv_act="gelu")
MODERNBERT = dict(
    model_type="modernbert", vocab_size=40, hidden_size=16, num_hidden_layers=4,
    num_attention_heads=2, intermediate_size=24, max_position_embeddings=64, local_attention=8,
    global_attn_every_n_layers=3, pad_token_id=0, bos_token_id=1, cls_token_id=1, eos_token_id=2,
    sep_token_id=2,
)
SMALL = dict(vocab_size=40, pad_token_id=0, bos_token_id=1, eos_token_id=2)


def thetas(full, sliding):
    parameters = lambda theta: dict(rope_type="default", rope_theta=theta)
    return dict(rope_parameters=dict(full_attention=parameters(full),
                                     sliding_attention=parameters(sliding)))


TANH_GELU = (dict(hidden_act="gelu_new"), SLIGHT)


@dataclass
class Encoder:
    """One configuration with its task, its adapter's targets, and its decoys."""

    name: str
    config: dict
    task: dict
    targets: list[str]
    decoys: list[tuple[dict, float]] = field(default_factory=list)


def visible(*changes: dict) -> list[tuple[dict, float]]:
    return [(c, VISIBLE) for c in changes]


QV = ["query", "value"]
QV_PROJ = ["query_proj", "value_proj"]

ENCODERS = [
    Encoder("bert", BERT, SINGLE, QV, [TANH_GELU, *visible(dict(layer_norm_eps=0.1))]),
    Encoder("bert-plain", BERT | dict(type_vocab_size=1), REGRESSION, QV),
    Encoder("bert-multilabel", BERT, MULTI, QV),
    # The padding's number shifts the positions.
    Encoder("roberta", ROBERTA, SINGLE, QV, [TANH_GELU, *visible(dict(pad_token_id=0))]),
    Encoder("roberta-regression", ROBERTA, REGRESSION, QV),
    Encoder("xlm-roberta", ROBERTA | dict(model_type="xlm-roberta"), SINGLE, QV,
            visible(dict(pad_token_id=0))),
    Encoder("distilbert", DISTILBERT, SINGLE, ["q_lin", "v_lin"],
            [(dict(activation="gelu_new"), SLIGHT)]),
    # DeBERTa
    Encoder("deberta", DEBERTA, SINGLE, ["in_proj"], [
        TANH_GELU, *visible(dict(pos_att_type="c2p"), dict(pos_att_type="p2c"),
                            dict(relative_attention=False), dict(pooler_hidden_act="tanh"))]),
    Encoder("deberta-absolute", DEBERTA | dict(
        position_biased_input=True, type_vocab_size=2, max_relative_positions=-1), SINGLE,
        ["in_proj"], visible(dict(position_biased_input=False), dict(pos_att_type="c2p"))),
    Encoder("deberta-v2-xlarge", DEBERTA_V2, SINGLE, ["query_proj", "key_proj", "value_proj"], [
        TANH_GELU, (dict(conv_act="gelu_new"), SLIGHT),
        *visible(dict(conv_act="tanh"), dict(conv_kernel_size=0), dict(norm_rel_ebd="none"),
                 dict(pos_att_type="p2c"), dict(max_relative_positions=128))]),
    Encoder("deberta-v3-base", DEBERTA_V3, SINGLE, QV_PROJ, visible(
        dict(pos_att_type="c2p"), dict(pos_att_type="p2c"), dict(norm_rel_ebd="none"),
        dict(max_relative_positions=128), dict(position_biased_input=True))),
    Encoder("deberta-v2-separate", DEBERTA_V3 | dict(share_att_key=False), SINGLE,
            ["query_proj", "value_proj", "pos_key_proj"],
            visible(dict(pos_att_type="c2p"), dict(pos_att_type="p2c"))),
    Encoder("deberta-v2-c2p", DEBERTA_V3 | dict(pos_att_type="c2p"), SINGLE, QV_PROJ,
            visible(dict(pos_att_type="p2c"), dict(pos_att_type="c2p|p2c"))),
    Encoder("deberta-v2-no-buckets", DEBERTA_V3 | dict(
        position_buckets=-1, max_relative_positions=24, norm_rel_ebd="none"), SINGLE, QV_PROJ,
        visible(dict(pos_att_type="c2p"))),
    Encoder("deberta-v2-embedding", DEBERTA_V3 | dict(
        embedding_size=24, type_vocab_size=2, position_biased_input=True), SINGLE, QV_PROJ,
        visible(dict(position_biased_input=False))),
    # ModernBERT
    Encoder("modernbert", MODERNBERT | thetas(1600.0, 100.0), SINGLE, ["Wqkv"], [
        (dict(hidden_activation="gelu_new"), SLIGHT),
        (dict(classifier_activation="gelu_new"), 1e-4),
        *visible(dict(local_attention=6), dict(local_attention=10), thetas(1600.0, 1600.0),
                 thetas(100.0, 100.0), thetas(100.0, 1600.0), dict(classifier_pooling="mean"),
                 dict(layer_types=["full_attention"] * 4), dict(norm_eps=0.1))]),
    Encoder("modernbert-mean", MODERNBERT | dict(
        classifier_pooling="mean", num_hidden_layers=3, global_attn_every_n_layers=2), SINGLE,
        ["Wqkv"], visible(dict(classifier_pooling="cls"), thetas(10000.0, 10000.0))),
    Encoder("modernbert-biases", MODERNBERT | dict(
        norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True,
        num_hidden_layers=3), SINGLE, ["Wqkv"]),
    # Language models with a classifier on the last token
    Encoder("gpt2-classifier", GPT2 | SMALL | dict(n_positions=64), SINGLE, ["c_attn"],
            visible(dict(activation_function="relu"))),
    Encoder("llama-classifier", LLAMA | SMALL | rope("default"), SINGLE, ["q_proj", "v_proj"],
            visible(rope("default", 500.0))),
    Encoder("qwen2-classifier", QWEN2 | SMALL | rope("default", 1000000.0), SINGLE,
            ["q_proj", "v_proj"], visible(rope("default", 100.0))),
]
BY_NAME = {e.name: e for e in ENCODERS}


def classifier(encoder: Encoder, seed: int):
    """A random classifier in f32: no norm is 1, no bias 0."""
    config = configuration(encoder.config | encoder.task)
    return random_model(config, seed, AutoModelForSequenceClassification)


def random_rows(config, lengths, seed: int) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
    """Ids [1, tokens], and types of the same shape where the model tells them apart."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for length in lengths:
        ids = torch.randint(2, config.vocab_size, (1, length), generator=generator)
        types = torch.randint(2, (1, length), generator=generator)
        rows.append((ids, types if getattr(config, "type_vocab_size", 0) > 1 else None))
    return rows


def padded(config, rows) -> dict:
    """The rows as one batch, padded on the right."""
    longest = max(ids.shape[1] for ids, _ in rows)

    def pad(tensors, value):
        return torch.cat([torch.nn.functional.pad(t, (0, longest - t.shape[1]), value=value)
                          for t in tensors])

    batch = dict(input_ids=pad([ids for ids, _ in rows], config.pad_token_id),
                 attention_mask=pad([torch.ones_like(ids) for ids, _ in rows], 0))
    if rows[0][1] is not None:
        batch["token_type_ids"] = pad([types for _, types in rows], 0)
    return batch


def outputs(model, row) -> tuple[torch.Tensor, torch.Tensor]:
    """The base's last hidden states [tokens, width] and the logits [1, labels] of one row."""
    ids, types = row
    inputs = dict(input_ids=ids) | ({} if types is None else dict(token_type_ids=types))
    with torch.no_grad():
        hidden = model.base_model(**inputs).last_hidden_state[0]
        return hidden.contiguous(), model(**inputs).logits.contiguous()


def random_labels(config, count: int, seed: int) -> torch.Tensor:
    """Class numbers [count], or numbers [count], or marks [count, labels]."""
    generator = torch.Generator().manual_seed(seed)
    if config.problem_type == "regression":
        return torch.randn(count, generator=generator)
    if config.problem_type == "multi_label_classification":
        shape = count, config.num_labels
        return torch.randint(2, shape, generator=generator).float()
    return torch.randint(config.num_labels, (count,), generator=generator)
