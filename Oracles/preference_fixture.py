"""Writes what TRL says of one batch of preferences, by each of its losses.

    python Oracles/preference_fixture.py

For one of the adapters' fixtures: prompts with two answers of unequal lengths (KTO: with one, good or bad). Loss, metrics
and the gradient of the loss in every factor are those of TRL's own trainers, in single precision. The reference is the
base, and for `frozen` the adapter with halved B. Writes Tests/LowRankTrainingTests/Fixtures/preferences.safetensors."""

import json
import tempfile
import warnings
from pathlib import Path

import torch
from datasets import Dataset
from peft import PeftModel
from safetensors.torch import save_file
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

ROOT = Path(__file__).resolve().parents[1]
NAME = "qwen2-all-linear"
ADAPTER = ROOT / "Tests/LowRankAdaptersTests/Fixtures" / NAME
OUTPUT = ROOT / "Tests/LowRankTrainingTests/Fixtures/preferences.safetensors"
PROMPTS, CHOSEN, REJECTED = [4, 1, 7, 3], [5, 2, 3, 6], [3, 6, 3, 1]
LABELS = [True, False, True, False]
# name: the objective with its settings, by our names.
CASES = {
    "sigmoid": dict(objective="dpo"),
    "smoothed": dict(objective="simpo", beta=2.0, simpo_gamma=0.3, label_smoothing=0.2),
    "hinge": dict(objective="dpo", beta=0.5, loss_type="hinge"),
    "ipo": dict(objective="dpo", beta=0.4, loss_type="ipo"),
    "robust": dict(objective="dpo", beta=0.3, loss_type="robust", label_smoothing=0.1),
    "frozen": dict(objective="dpo", beta=0.2),
    "simpo": dict(objective="simpo"),
    "orpo": dict(objective="orpo", beta=0.25),
    "kto": dict(objective="kto", beta=0.3, desirable_weight=1.5, undesirable_weight=0.75),
}


def rows(vocabulary: int):
    generator = torch.Generator().manual_seed(11)

    def ids(count):
        return torch.randint(3, vocabulary, (count,), generator=generator).tolist()
    return [dict(prompt_ids=ids(p), chosen_ids=ids(c), rejected_ids=ids(r))
            for p, c, r in zip(PROMPTS, CHOSEN, REJECTED)]


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {c: i for i, c in enumerate(["<unk>", "<s>", "</s>", *"abcdefgh"])}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>")),
        bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="</s>")


def adapted():
    base = ADAPTER / json.loads((ADAPTER / "base.json").read_text())["base"]
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    for key in ("attention_dropout",):
        setattr(model.config, key, 0.0)
    return PeftModel.from_pretrained(model, ADAPTER, is_trainable=True)


def trainer(case: dict, scratch: str):
    """TRL's trainer of a case, whose own data are not used."""
    common = dict(output_dir=scratch, report_to="none", use_cpu=True, bf16=False, max_length=64,
                  gradient_checkpointing=False, per_device_train_batch_size=4,
                  beta=case.get("beta", 0.1))
    pairs = Dataset.from_list([dict(prompt="a", chosen="b", rejected="c")] * 4)
    singles = Dataset.from_list([dict(prompt="a", completion="b", label=x) for x in LABELS])
    words, model = tokenizer(), adapted()
    match case["objective"]:
        case "dpo":
            return DPOTrainer(model, args=DPOConfig(
                **common, loss_type=[case.get("loss_type", "sigmoid")],
                label_smoothing=case.get("label_smoothing", 0.0)),
                train_dataset=pairs, processing_class=words)
        case "simpo":
            return CPOTrainer(model, args=CPOConfig(
                **common, loss_type="simpo", cpo_alpha=0.0,
                simpo_gamma=case.get("simpo_gamma", 0.5),
                label_smoothing=case.get("label_smoothing", 0.0)),
                train_dataset=pairs, processing_class=words)
        case "orpo":
            return ORPOTrainer(model, args=ORPOConfig(**common), train_dataset=pairs,
                               processing_class=words)
        case "kto":
            return KTOTrainer(model, args=KTOConfig(
                **common, desirable_weight=case["desirable_weight"],
                undesirable_weight=case["undesirable_weight"]),
                train_dataset=singles, processing_class=words)


def masked(prompt, answer):
    return [-100] * len(prompt) + answer


def paired(batch):
    """A batch as the trainers of CPO and ORPO collate it."""
    features = []
    for row in batch:
        feature = {}
        for side in ("chosen", "rejected"):
            ids = row["prompt_ids"] + row[f"{side}_ids"]
            feature[f"{side}_input_ids"] = ids
            feature[f"{side}_attention_mask"] = [1] * len(ids)
            feature[f"{side}_labels"] = masked(row["prompt_ids"], row[f"{side}_ids"])
        feature["prompt_input_ids"] = row["prompt_ids"]
        feature["prompt_attention_mask"] = [1] * len(row["prompt_ids"])
        features.append(feature)
    return features


def reference(model, case: str):
    """Makes the reference what the case wants: the base, or the adapter with halved B."""
    if "ref" not in model.peft_config:
        return
    if case == "frozen":
        with torch.no_grad():
            for name, value in model.named_parameters():
                if ".lora_B.ref." in name:
                    value.mul_(0.5)
    else:
        model.delete_adapter("ref")


def run(name: str, batch, scratch: str):
    """The loss, the metrics and the gradients of a case."""
    case = CASES[name]
    made = trainer(case, scratch)
    model = made.model
    reference(model, name)
    model.eval()
    if case["objective"] in ("dpo", "kto"):
        features = batch
        if case["objective"] == "kto":
            answers = [row["chosen_ids"] for row in batch]
            features = [dict(prompt_ids=row["prompt_ids"], completion_ids=answer,
                             KL_completion_ids=other, label=label)
                        for row, answer, other, label in
                        zip(batch, answers, answers[-1:] + answers[:-1], LABELS)]
        loss = made.compute_loss(model, made.data_collator(features))
        metrics = {k: v[-1] for k, v in made._metrics["eval"].items() if v}
    else:
        loss, metrics = made.get_batch_loss_metrics(model, made.data_collator(paired(batch)))
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad and ".ref." not in n}
    found = torch.autograd.grad(loss, list(trained.values()))
    gradients = {n.replace(".default", ""): g for n, g in zip(trained, found)}
    numbers = dict(loss=loss.item(), chosen_reward=metrics["rewards/chosen"],
                   rejected_reward=metrics["rewards/rejected"],
                   margin=metrics["rewards/margins"])
    if "rewards/accuracies" in metrics:
        numbers["accuracy"] = metrics["rewards/accuracies"]
    if "kl" in metrics:
        numbers["kl"] = metrics["kl"]
    return case | numbers, gradients


def main():
    warnings.simplefilter("ignore")
    batch = rows(adapted().config.vocab_size)
    tensors, results = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in CASES:
            results[name], gradients = run(name, batch, scratch)
            print(name, {k: round(v, 6) if isinstance(v, float) else v
                         for k, v in results[name].items()})
            tensors |= {f"{name}.{key}": value for key, value in gradients.items()}
    for index, row in enumerate(batch):
        for key, ids in row.items():
            tensors[f"{key}.{index}"] = torch.tensor(ids, dtype=torch.int32)
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, OUTPUT,
              dict(made_by="Oracles/preference_fixture.py", results=json.dumps(results),
                   labels=json.dumps(LABELS)))


if __name__ == "__main__":
    main()
