"""Prints what PEFT and mlx-lm do with broken adapters: the table of Documentation/Trust.md.

    python Oracles/checks_of_peers.py [--mlx PYTHON]

Every row is one thing that is wrong with an adapter of a tiny random Llama. The adapter is loaded
as the peer's documentation says, and its logits are compared with those of the base and of the
adapter as it was. `--mlx` is a Python with mlx-lm 0.32.2 (and mlx-cpu on Linux); without it that
column is left out. vLLM is not run here.
"""

import argparse
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy
from safetensors.numpy import load_file, save_file

CONFIG = dict(
    model_type="llama", vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
    bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)
RANK, ALPHA = 4, 8
IDS = [3, 14, 15, 9, 26, 5, 35]


def first(tensors):
    return sorted(name for name in tensors if "q_proj" in name)[0]


def without_first_layer(tensors, config):
    return {k: v for k, v in tensors.items() if "layers.0" not in k}


def other_prefix(tensors, config):
    return {"other." + k: v for k, v in tensors.items()}


def junk(tensors, config):
    return tensors | {"junk": numpy.ones(3, numpy.float32)}


def transposed(tensors, config):
    name = first(tensors)
    return tensors | {name: numpy.ascontiguousarray(tensors[name].T)}


def not_a_number(tensors, config):
    return {k: numpy.full_like(v, numpy.nan) for k, v in tensors.items()}


def set_rank(value):
    def change(tensors, config):
        (config["lora_parameters"] if "lora_parameters" in config else config)[
            "rank" if "lora_parameters" in config else "r"] = value
        return tensors
    return change


def misspelt(*names):
    def change(tensors, config):
        if "lora_parameters" in config:
            config["lora_parameters"]["keys"] = [f"self_attn.{name}" for name in names]
        else:
            config["target_modules"] = list(names)
        return tensors
    return change


def no_scale(tensors, config):
    if "lora_parameters" in config:
        config["lora_parameters"]["scale"] = 0.0
    else:
        config["lora_alpha"] = 0
    return tensors


def lost_pattern(tensors, config):
    """α is 8 times as large by a pattern that is misspelt; mlx-lm has no patterns."""
    if "lora_parameters" in config:
        return None
    config["alpha_pattern"] = {"q_prj": 64, "v_prj": 64}
    return tensors


# The check that it belongs to, what is wrong, and how.
CHECKS = [
    ("tensors", "half of the tensors missing", without_first_layer),
    ("tensors", "another prefix, so none found", other_prefix),
    ("tensors", "a tensor that has no place", junk),
    ("targets", "one target of three misspelt", misspelt("q_proj", "v_proj", "o_prj")),
    ("targets", "all targets misspelt", misspelt("q_prj", "v_prj")),
    ("shapes", "a factor transposed", transposed),
    ("finite", "all numbers NaN", not_a_number),
    ("rank", "rank 2 in the configuration, 4 in the tensors", set_rank(2)),
    ("rank", "rank 0", set_rank(0)),
    ("rank", "rank -4", set_rank(-4)),
    ("rank", "alpha (mlx-lm: scale) 0", no_scale),
    ("rank", "an alpha_pattern that matches nothing", lost_pattern),
    ("fingerprint", "another base of the same shapes", None),
]


def verdict(load, base, right):
    """What a load came to, in words."""
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            logits = load()
    except Exception as error:  # whatever a peer throws is its answer
        return f"refused, {type(error).__name__}"
    finally:
        logging.getLogger().removeHandler(handler)
    said += [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    told = ", a warning" if said else ", no message"
    if not numpy.isfinite(logits).all():
        return f"loads, logits NaN{told}"
    if numpy.array_equal(logits, base):
        return f"loads, does nothing{told}"
    if numpy.abs(logits - right).max() < 1e-6:
        return f"loads, as it was{told}"
    return f"loads, other logits{told}"


def answers(load, adapter, base, foreign, right, weights):
    """The verdict on every check; `load(folder, model)` gives logits."""
    result = []
    for _, _, change in CHECKS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "adapter"
            shutil.copytree(adapter, folder)
            if change is None:
                result.append(verdict(lambda: load(folder, "foreign"), foreign, right))
                continue
            file, settings = folder / weights, folder / "adapter_config.json"
            config = json.loads(settings.read_text())
            tensors = change(load_file(file), config)
            if tensors is None:
                result.append("has none")
                continue
            save_file(tensors, file, metadata={"format": "pt"})
            settings.write_text(json.dumps(config))
            result.append(verdict(lambda: load(folder, "base"), base, right))
    return result


def peft_answers(scratch):
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    ids = torch.tensor([IDS])

    def model(which):
        torch.manual_seed(dict(base=1, foreign=2)[which])
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**CONFIG))
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        return model.eval()

    def logits(model):
        with torch.no_grad():
            return model(ids).logits.numpy()

    adapter = scratch / "peft"
    made = get_peft_model(model("base"), LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    torch.manual_seed(3)
    for parameter in made.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    right = logits(made.eval())
    made.save_pretrained(adapter)
    return answers(
        lambda folder, which: logits(PeftModel.from_pretrained(model(which), folder).eval()),
        adapter, logits(model("base")), logits(model("foreign")), right,
        "adapter_model.safetensors")


def mlx_answers(scratch):
    import mlx.core as mx
    from mlx.utils import tree_flatten, tree_map
    from mlx_lm.models import llama
    from mlx_lm.tuner.utils import linear_to_lora_layers, load_adapters

    def model(which):
        mx.random.seed(dict(base=1, foreign=2)[which])
        fields = {k: v for k, v in CONFIG.items() if not k.endswith("token_id")}
        model = llama.Model(llama.ModelArgs(**fields))
        model.update(tree_map(
            lambda p: 0.3 * mx.random.normal(p.shape), model.parameters()))
        return model

    def logits(model):
        return numpy.array(model(mx.array([IDS])).astype(mx.float32))

    adapter = scratch / "mlx"
    adapter.mkdir()
    made = model("base")
    parameters = dict(rank=RANK, scale=ALPHA / RANK, dropout=0.0,
                      keys=["self_attn.q_proj", "self_attn.v_proj"])
    made.freeze()
    linear_to_lora_layers(made, 2, parameters)
    made.update(tree_map(lambda p: 0.3 * mx.random.normal(p.shape), made.trainable_parameters()))
    right = logits(made)
    mx.save_safetensors(str(adapter / "adapters.safetensors"),
                        dict(tree_flatten(made.trainable_parameters())))
    (adapter / "adapter_config.json").write_text(json.dumps(dict(
        fine_tune_type="lora", num_layers=2, lora_parameters=parameters)))
    return answers(
        lambda folder, which: logits(load_adapters(model(which), str(folder))),
        adapter, logits(model("base")), logits(model("foreign")), right, "adapters.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mlx", metavar="PYTHON", help="a Python with mlx-lm")
    parser.add_argument("--only", choices=["peft", "mlx"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if options.only:
            made = dict(peft=peft_answers, mlx=mlx_answers)[options.only](Path(scratch))
            print(json.dumps(made))
            return
    columns = {}
    for name, python in [("PEFT", sys.executable), ("mlx-lm", options.mlx)]:
        if not python:
            continue
        done = subprocess.run([python, __file__, "--only", "peft" if name == "PEFT" else "mlx"],
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stderr}")
        columns[name] = json.loads(done.stdout.strip().split("\n")[-1])
    print("| check | what is wrong | " + " | ".join(columns) + " |")
    print("|---|---|" + "---|" * len(columns))
    for index, (check, wrong, _) in enumerate(CHECKS):
        cells = " | ".join(column[index] for column in columns.values())
        print(f"| `{check}` | {wrong} | {cells} |")


if __name__ == "__main__":
    main()
