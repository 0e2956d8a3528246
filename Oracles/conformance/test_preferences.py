"""Fifty AdamW steps of each objective from the same factors on the same rows agree with TRL step by step.

Every step sees the whole data set in the order of the file. Loss at each step within 1e-4, final factors within 1e-3 in
Frobenius norm. TRL tokenises and collates the same file by itself."""

import json

import pytest
import torch
from datasets import Dataset
from peft import PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

from adapters_fixture import load, lora_config
from harness import CHARACTERS, END, lowrank, run, save_tokenizer, write_rows
from peft.utils import get_peft_model_state_dict
from steps import STEPS, adamw, compare, far
from tiny_models import QWEN2, configuration

RATE = 1e-3
PAIRS = [("the cat ", "sat on a mat.", "flew."), ("dogs ", "run.", "sing: la, la."),
         ("it rains: ", "stay in, read a book.", "go out."), ("a bird ", "sings", "reads"),
         ("we saw ", "ten ships, far out.", "no."), ("no, ", "never.", "a mat."),
         ("cold wind, ", "warm fire.", "warm wind."), ("she ", "wrote it down.", "sat")]

# name: our flags, TRL's settings
CASES = {
    "dpo": ([], dict(loss_type=["sigmoid"])),
    "dpo-hinge": (["--loss-type", "hinge", "--beta", 0.5], dict(loss_type=["hinge"], beta=0.5)),
    "dpo-ipo": (["--loss-type", "ipo"], dict(loss_type=["ipo"])),
    "dpo-robust": (["--loss-type", "robust", "--label-smoothing", 0.1],
                   dict(loss_type=["robust"], label_smoothing=0.1)),
    "simpo": (["--beta", 2, "--simpo-gamma", 0.4],
              dict(loss_type="simpo", cpo_alpha=0.0, beta=2.0, simpo_gamma=0.4)),
    "orpo": (["--beta", 0.2], dict(beta=0.2)),
    "kto": (["--desirable-weight", 1.5], dict(desirable_weight=1.5)),
}
TRAINERS = {"dpo": (DPOTrainer, DPOConfig), "simpo": (CPOTrainer, CPOConfig),
            "orpo": (ORPOTrainer, ORPOConfig), "kto": (KTOTrainer, KTOConfig)}


def rows(objective):
    if objective == "kto":
        return [dict(prompt=p, completion=(c, r)[i % 2], label=i % 2 == 0)
                for i, (p, c, r) in enumerate(PAIRS)]
    return [dict(zip(("prompt", "chosen", "rejected"), pair)) for pair in PAIRS]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preferences")
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(configuration(QWEN2 | dict(
        hidden_size=64, intermediate_size=128, vocab_size=len(CHARACTERS), bos_token_id=1,
        eos_token_id=END, initializer_range=0.1)))
    model.save_pretrained(folder / "model")
    save_tokenizer(folder / "model")
    fields = dict(r=8, lora_alpha=16, target_modules="all-linear")
    get_peft_model(load(folder / "model"), lora_config(folder / "model", fields)) \
        .save_pretrained(folder / "start")
    return folder


def words(base):
    words = PreTrainedTokenizerFast.from_pretrained(base / "model")
    words.pad_token = words.eos_token
    return words


def trl_run(base, objective, settings, scratch):
    """TRL's loss before each step, and its final factors."""
    trainer, config = TRAINERS[objective]
    model = PeftModel.from_pretrained(load(base / "model"), base / "start", is_trainable=True)
    model.config.attention_dropout = 0.0
    made = trainer(model, args=config(
        output_dir=str(scratch), report_to="none", use_cpu=True, bf16=False, max_length=64,
        gradient_checkpointing=False, per_device_train_batch_size=len(PAIRS), **settings),
        train_dataset=Dataset.from_list(rows(objective)), processing_class=words(base))
    if "ref" in model.peft_config:
        model.delete_adapter("ref")
    batch = made.data_collator([made.train_dataset[i] for i in range(len(PAIRS))])
    model.eval()
    optimizer, losses = adamw(model, RATE), []
    for _ in range(STEPS):
        if objective in ("dpo", "kto"):
            loss = made.compute_loss(model, dict(batch))
        else:
            loss, _ = made.get_batch_loss_metrics(model, batch)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < 0.98 * losses[0], "too little was learned to compare"
    return losses, {k: v.detach() for k, v in get_peft_model_state_dict(model).items()}


def train(base, name, adapter, *extra):
    objective, flags = name.split("-")[0], CASES[name][0]
    data = adapter.parent / "data"
    write_rows(data / "train.jsonl", rows(objective))
    return lowrank(
        "train", "--model", base / "model", "--data", data, "--adapter-path", adapter,
        "--init-adapter", base / "start", "--objective", objective, *flags,
        "--learning-rate", RATE, "--lr-schedule", "constant", "--weight-decay", 0,
        "--base-dropout", 0, "--precision", "f32", "--no-shuffle", *extra)


@pytest.mark.parametrize("name", CASES)
def test_fifty_steps(base, name, tmp_path):
    objective, (_, settings) = name.split("-")[0], CASES[name]
    losses, factors = trl_run(base, objective, settings, tmp_path / "trl")
    adapter = tmp_path / "adapter"
    train(base, name, adapter, "--iters", STEPS, "--batch-size", len(PAIRS))
    compare(adapter, losses)
    distance = far(load_file(adapter / "adapter_model.safetensors"), factors)
    assert distance <= 1e-3, f"factors differ by {distance:.1e}"


def test_evaluates_by_the_names_of_the_contract(base, tmp_path):
    adapter = tmp_path / "adapter"
    train(base, "dpo", adapter, "--iters", 20, "--batch-size", 4)
    write_rows(tmp_path / "held.jsonl", rows("dpo")[:5])
    common = ["evaluate", "--model", base / "model", "--data", tmp_path / "held.jsonl",
              "--objective", "dpo", "--precision", "f32"]
    before, after = lowrank(*common), lowrank(*common, "--adapter", adapter)
    assert set(after) >= {"loss", "accuracy", "margin", "chosen_reward", "rejected_reward", "rows"}
    assert before["loss"] == pytest.approx(0.693147, abs=1e-6) and before["margin"] == 0
    assert after["rows"] == 5 and after["margin"] > 0 and after["loss"] < before["loss"]
    own = lowrank(*common, "--adapter", adapter, "--reference-adapter", adapter)
    assert own["margin"] == 0
    assert "accuracy" in run(*common, "--adapter", adapter)
    last = json.loads((adapter / "state/metrics.jsonl").read_text().splitlines()[-1])
    assert last["margin"] > 0 and 0 <= last["accuracy"] <= 1
