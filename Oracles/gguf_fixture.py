"""Writes tiny models as GGUF files, one for each family that is read, with the logits of transformers.

    python Oracles/gguf_fixture.py

Writes Tests/LowRankTransformersTests/Fixtures/gguf/NAME.gguf and NAME.json: ids, and the logits of the last rows, from
transformers with the weights that the file's packed blocks stand for. Names, the order of rows and the offset of norms are
what llama.cpp's convert_hf_to_gguf.py makes of a model; they are stated here a second time. `llama` and `gemma3` also have
the model that they were made of, as a folder in bfloat16, and `llama-0000N-of-00003.gguf` is the first in three parts.
"""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()
logging.set_verbosity_error()

OUTPUT = Path(__file__).resolve().parents[1] / "Tests/LowRankTransformersTests/Fixtures/gguf"
ROWS = 3  # of logits that are kept

PIECES = ["▁", "e", "t", "a", "o", "n", "i", "s", "r", "h", "l", "d", "u", "c", "m", "▁t", "he", "▁the", "in",
          "▁a", "an", "er"]
TOKENS = ["<unk>", "<s>", "</s>", "<|im_end|>"] + [f"<0x{byte:02X}>" for byte in range(256)] + PIECES
TYPES = [2, 3, 3, 3] + [6] * 256 + [1] * len(PIECES)
SCORES = [0.0] * 260 + [-float(i) for i in range(len(PIECES))]
# Of several pieces: those that merge first have the highest scores.
SCORES[260:] = [-100.0 - i if len(piece) == 1 else -float(i) for i, piece in enumerate(PIECES)]
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}<|im_end|>{% endfor %}"

COMMON = dict(vocab_size=len(TOKENS), hidden_size=64, intermediate_size=96, num_hidden_layers=2,
              num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5,
              bos_token_id=1, eos_token_id=2, pad_token_id=0)


def rope(kind, theta, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


@dataclass
class Variant:
    name: str
    arch: str  # general.architecture
    config: dict
    title: str = "tiny"
    metadata: dict = field(default_factory=dict)  # beside what every file has
    types: tuple = (Type.Q8_0, Type.Q4_0, Type.F16, Type.Q5_0, Type.Q8_0, Type.Q4_1, Type.Q5_1)
    folder: bool = False


LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
LONG = dict(long_factor=[1.2, 2.0, 5.0, 7.5], short_factor=[1.0, 1.1, 1.3, 1.5])
VARIANTS = [
    Variant("llama", "llama", COMMON | dict(model_type="llama", head_dim=32) | rope("llama3", 50000.0, **LLAMA3),
            folder=True, metadata={"attention.key_length": 32, "attention.value_length": 32}),
    Variant("llama-biases", "llama", COMMON | dict(model_type="llama", attention_bias=True, mlp_bias=True,
            tie_word_embeddings=True, num_key_value_heads=4) | rope("linear", 10000.0, factor=4.0),
            metadata={"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}),
    Variant("mistral", "llama", COMMON | dict(model_type="mistral", sliding_window=None) | rope("default", 1e6),
            title="Mistral tiny"),
    Variant("qwen2", "qwen2", COMMON | dict(model_type="qwen2", tie_word_embeddings=True) | rope("default", 1e6)),
    Variant("qwen3", "qwen3", COMMON | dict(model_type="qwen3", head_dim=32) | rope("default", 1e6),
            metadata={"attention.key_length": 32, "attention.value_length": 32}),
    Variant("smollm3", "smollm3", COMMON | dict(model_type="smollm3", num_hidden_layers=4, tie_word_embeddings=True)
            | rope("default", 2e6)),
    Variant("gemma3", "gemma3", COMMON | dict(
        model_type="gemma3_text", num_hidden_layers=7, head_dim=32, query_pre_attn_scalar=32, sliding_window=6,
        num_key_value_heads=1, num_attention_heads=2, hidden_size=32, intermediate_size=64, tie_word_embeddings=True,
        rope_parameters=dict(
            full_attention=dict(rope_type="linear", rope_theta=1e6, factor=8.0),
            sliding_attention=dict(rope_type="default", rope_theta=1e4))),
        folder=True, metadata={"attention.key_length": 32, "attention.value_length": 32,
                               "attention.sliding_window": 6, "rope.scaling.type": "linear",
                               "rope.scaling.factor": 8.0}),
    Variant("phi3", "phi3", COMMON | dict(model_type="phi3", sliding_window=20, original_max_position_embeddings=128)
            | rope("default", 1e4, partial_rotary_factor=1.0),
            metadata={"attention.sliding_window": 20, "rope.scaling.original_context_length": 128}),
    Variant("phi4-mini", "phi3", COMMON | dict(model_type="phi3", original_max_position_embeddings=32,
            sliding_window=None, tie_word_embeddings=True)
            | rope("longrope", 1e4, partial_rotary_factor=0.5, original_max_position_embeddings=32, **LONG),
            metadata={"attention.sliding_window": 0, "rope.scaling.original_context_length": 32,
                      "rope.scaling.attn_factor": float(np.sqrt(1 + np.log(4) / np.log(32)))}),
]

NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.qkv_proj": "attn_qkv", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
}


def stored_name(variant: Variant, name: str) -> str:
    stem, suffix = name.rsplit(".", 1)
    layer = re.fullmatch(r"model\.layers\.(\d+)\.(.*)", stem)
    if not layer:
        return f"{NAMES[stem]}.{suffix}"
    gemma = {"post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
             "post_feedforward_layernorm": "post_ffw_norm"}
    others = {"post_attention_layernorm": "ffn_norm"}
    names = NAMES | (gemma if variant.arch == "gemma3" else others)
    return f"blk.{layer[1]}.{names[layer[2]]}.{suffix}"


def heads(variant: Variant, name: str) -> int | None:
    """The heads whose rows are interleaved."""
    if variant.arch not in ("llama", "smollm3"):
        return None
    if ".q_proj." in name:
        return variant.config["num_attention_heads"]
    return variant.config["num_key_value_heads"] if ".k_proj." in name else None


def interleaved(weights: np.ndarray, count: int) -> np.ndarray:
    return weights.reshape(count, 2, weights.shape[0] // count // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(
        weights.shape)


def separated(weights: np.ndarray, count: int) -> np.ndarray:
    return weights.reshape(count, weights.shape[0] // count // 2, 2, *weights.shape[1:]).swapaxes(1, 2).reshape(
        weights.shape)


def packed(variant: Variant, state: dict) -> tuple[list, dict]:
    """The tensors of the file, and the weights that they stand for."""
    tensors, values, kinds = [], {}, 0
    for name, weight in sorted(state.items()):
        data = weight.float().numpy()
        count = heads(variant, name)
        if count:
            data = interleaved(data, count)
        if variant.arch == "gemma3" and name.endswith("norm.weight"):
            data = data + np.float32(1)
        kind = Type.F32
        if data.ndim == 2:
            kind = variant.types[kinds % len(variant.types)]
            kinds += 1
        if kind == Type.F32:
            raw, back = data, data
        elif kind == Type.F16:
            raw = data.astype(np.float16)
            back = raw.astype(np.float32)
        else:
            raw = quantize(data, kind)
            back = dequantize(raw, kind)
        tensors.append((stored_name(variant, name), raw, kind))
        if variant.arch == "gemma3" and name.endswith("norm.weight"):
            back = back - np.float32(1)
        if count:
            back = separated(back, count)
        values[name] = torch.from_numpy(np.ascontiguousarray(back))
    return tensors, values


def rotary_tensors(variant: Variant, config) -> list:
    parameters = variant.config["rope_parameters"]
    kind = parameters.get("rope_type")
    if kind == "longrope":
        return [("rope_factors_long.weight", np.array(LONG["long_factor"], np.float32), Type.F32),
                ("rope_factors_short.weight", np.array(LONG["short_factor"], np.float32), Type.F32)]
    if kind != "llama3":
        return []
    size = variant.config["head_dim"]
    frequencies = 1.0 / (parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float32) / size))
    low, high = LLAMA3["low_freq_factor"], LLAMA3["high_freq_factor"]
    trained, factor = LLAMA3["original_max_position_embeddings"], LLAMA3["factor"]
    factors = []
    for frequency in frequencies:
        wavelength = 2 * np.pi / float(frequency)
        if wavelength < trained / high:
            factors.append(1.0)
        elif wavelength > trained / low:
            factors.append(factor)
        else:
            smooth = (trained / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return [("rope_freqs.weight", np.array(factors, np.float32), Type.F32)]


def metadata(writer: gguf.GGUFWriter, variant: Variant) -> None:
    c, arch = variant.config, variant.arch
    parameters = c["rope_parameters"]
    theta = parameters.get("full_attention", parameters)["rope_theta"]
    size = c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    writer.add_type("model")
    writer.add_name(variant.title)
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_rope_freq_base(theta)
    if arch in ("llama", "smollm3"):
        writer.add_vocab_size(c["vocab_size"])
        writer.add_rope_dimension_count(size)
    if arch == "phi3":
        writer.add_rope_dimension_count(int(parameters["partial_rotary_factor"] * c["hidden_size"]) // 4)
    for key, value in variant.metadata.items():
        add = {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}[type(value)]
        add(f"{arch}.{key}", value)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(TOKENS)
    writer.add_token_scores(SCORES)
    writer.add_token_types(TYPES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template([dict(name="default", template=TEMPLATE),
                              dict(name="tool_use", template="tools " + TEMPLATE)])


def write(path: Path, variant: Variant, tensors: list, part: tuple[int, int, int] | None = None) -> None:
    writer = gguf.GGUFWriter(path, variant.arch)
    if part is None or part[0] == 0:
        metadata(writer, variant)
    if part:
        writer.add_uint16("split.no", part[0])
        writer.add_uint16("split.count", part[1])
        writer.add_int32("split.tensors.count", part[2])
    for name, raw, kind in tensors:
        isRaw = kind in (Type.F32, Type.F16)
        writer.add_tensor(name, np.ascontiguousarray(raw), raw_dtype=None if isRaw else kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    for number, variant in enumerate(VARIANTS):
        config = AutoConfig.for_model(**variant.config)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
        random = torch.Generator().manual_seed(100 + number)
        state = {}
        for name, weight in model.state_dict().items():
            if name == "lm_head.weight" and config.tie_word_embeddings:
                continue
            scale = 20 if weight.dim() == 2 else 12
            drawn = torch.randn(weight.shape, generator=random) * scale / 128
            if name.endswith("norm.weight") and variant.arch != "gemma3":
                drawn = drawn + 1
            # Exact in bfloat16.
            state[name] = drawn.to(torch.bfloat16).float()
        tensors, values = packed(variant, state)
        tensors += rotary_tensors(variant, config)
        missing, unexpected = model.load_state_dict(values, strict=False)
        assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
        write(OUTPUT / f"{variant.name}.gguf", variant, tensors)
        ids = torch.randint(4, len(TOKENS), (40,), generator=random)
        with torch.no_grad():
            logits = model(ids[None]).logits[0, -ROWS:]
        (OUTPUT / f"{variant.name}.json").write_text(json.dumps(dict(
            ids=ids.tolist(), logits=[[round(x, 6) for x in row] for row in logits.tolist()])) + "\n")
        print(variant.name, float(logits.abs().max()), sum(raw.nbytes for _, raw, _ in tensors))
        if variant.folder:
            folder = OUTPUT / variant.name
            folder.mkdir()
            config.architectures = [type(model).__name__]
            config.dtype = "bfloat16"
            (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1, default=str) + "\n")
            save_file({k: v.to(torch.bfloat16) for k, v in state.items()}, folder / "model.safetensors",
                      metadata={"format": "pt"})
        if variant.name == "llama":
            for part in range(3):
                write(OUTPUT / f"llama-0000{part + 1}-of-00003.gguf", variant, tensors[part::3],
                      (part, 3, len(tensors)))


if __name__ == "__main__":
    main()
