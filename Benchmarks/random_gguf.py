"""Writes a GGUF file of random weights in the shape of a model, for measurements of memory and speed.

    python Benchmarks/random_gguf.py CONFIG TYPE OUT.gguf

CONFIG is a config.json of the Llama family (llama, qwen2); TYPE is BF16, F16, Q8_0 or Q4_K. As llama.cpp does it, a matrix
whose rows are no whole blocks of Q4_K is Q5_0, the head and the table of embeddings of a Q4_K file are Q6_K or Q8_0.
Weights of one shape are the same bytes. The vocabulary has the 256 bytes and words that no text has.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

DEVIATION = 0.02


class Weights:
    """Random matrices, made once for each type and shape."""

    def __init__(self, kind: Type):
        self.kind, self.random, self.made = kind, np.random.default_rng(0), {}

    def kind_of(self, columns: int, is_table: bool) -> Type:
        if self.kind != Type.Q4_K:
            return self.kind
        whole = columns % 256 == 0
        if is_table:
            return Type.Q6_K if whole else Type.Q8_0
        return Type.Q4_K if whole else Type.Q5_0

    def __call__(self, rows: int, columns: int, is_table: bool = False):
        kind = self.kind_of(columns, is_table)
        key = (kind, rows, columns)
        if key not in self.made:
            self.made[key] = self.matrix(kind, rows, columns)
        return kind, self.made[key]

    def matrix(self, kind: Type, rows: int, columns: int) -> np.ndarray:
        if kind in (Type.BF16, Type.F16):
            numbers = self.random.normal(0, DEVIATION, (rows, columns)).astype(np.float32)
            return (numbers.astype(np.float16) if kind == Type.F16
                    else (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8))
        count, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = self.random.integers(0, 256, (rows * columns // count, size), dtype=np.uint8)
        # The scale that gives a block of uniform random bits the deviation.
        spread = {Type.Q8_0: 74, Type.Q5_0: 9.2, Type.Q4_K: 36.7 * 4.6, Type.Q6_K: 74 * 18.5}[kind]
        scale = np.float16(DEVIATION / spread)
        place = 208 if kind == Type.Q6_K else 0
        blocks[:, place:place + 2] = np.frombuffer(scale.tobytes(), np.uint8)
        if kind == Type.Q4_K:
            least = np.float16(7.5 * DEVIATION / spread)
            blocks[:, 2:4] = np.frombuffer(least.tobytes(), np.uint8)
        return blocks.reshape(rows, -1)


def vocabulary(writer: gguf.GGUFWriter, size: int) -> None:
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    kinds = [2, 3, 3] + [6] * 256
    tokens += [f"\u2581\u00a4{i}" for i in range(size - len(tokens))]
    kinds += [1] * (size - len(kinds))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(size)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("type", choices=["BF16", "F16", "Q8_0", "Q4_K"])
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    name = config["model_type"]
    hidden, layers, inner = (config[k] for k in
                             ("hidden_size", "num_hidden_layers", "intermediate_size"))
    heads = config["num_attention_heads"]
    shared = config.get("num_key_value_heads", heads)
    size = config.get("head_dim") or hidden // heads

    writer = gguf.GGUFWriter(options.output, name)
    writer.add_name(options.config.stem)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(shared)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config.get("rope_theta", 10000.0))
    writer.add_rope_dimension_count(size)
    writer.add_vocab_size(config["vocab_size"])
    vocabulary(writer, config["vocab_size"])

    weights = Weights(Type[options.type])

    def add(name: str, rows: int, columns: int, is_table: bool = False) -> None:
        kind, data = weights(rows, columns, is_table)
        writer.add_tensor(name, data, raw_dtype=None if kind == Type.F16 else kind)

    def ones(name: str, count: int) -> None:
        writer.add_tensor(name, np.ones(count, np.float32))

    add("token_embd.weight", config["vocab_size"], hidden, is_table=True)
    for i in range(layers):
        block = f"blk.{i}."
        ones(block + "attn_norm.weight", hidden)
        add(block + "attn_q.weight", heads * size, hidden)
        add(block + "attn_k.weight", shared * size, hidden)
        add(block + "attn_v.weight", shared * size, hidden)
        add(block + "attn_output.weight", hidden, heads * size)
        if name == "qwen2":
            for part, rows in (("q", heads * size), ("k", shared * size), ("v", shared * size)):
                writer.add_tensor(f"{block}attn_{part}.bias", np.zeros(rows, np.float32))
        ones(block + "ffn_norm.weight", hidden)
        add(block + "ffn_gate.weight", inner, hidden)
        add(block + "ffn_up.weight", inner, hidden)
        add(block + "ffn_down.weight", hidden, inner)
    ones("output_norm.weight", hidden)
    if not config.get("tie_word_embeddings", False):
        add("output.weight", config["vocab_size"], hidden, is_table=True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
