"""Writes the recipes beside it, `<model>-<task>.yaml`: the LoRA paper's table, one file per run.

    python Examples/glue/write.py
"""

import math
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MODELS = {
    "roberta-base": dict(
        alpha=8, warmup=0.06, target=["query", "value"],
        batch=[16, 16, 16, 32, 32, 16, 32, 16], epochs=[30, 60, 30, 80, 25, 25, 80, 40],
        rate=["5e-4", "5e-4", "4e-4", "4e-4", "4e-4", "5e-4", "5e-4", "4e-4"],
        decay=[0.1] * 8, length=[512] * 8),
    "roberta-large": dict(
        alpha=16, warmup=0.06, target=["query", "value"],
        batch=[4, 4, 4, 4, 4, 4, 8, 8], epochs=[10, 10, 20, 20, 10, 20, 20, 30],
        rate=["3e-4", "4e-4", "3e-4", "2e-4", "2e-4", "3e-4", "4e-4", "2e-4"],
        decay=[0.1] * 8, length=[128, 128, 512, 128, 512, 512, 512, 512]),
    "deberta-xxlarge": dict(
        alpha=8, warmup=0.1, target=["query_proj", "value_proj"],
        batch=[8, 8, 32, 4, 6, 8, 4, 4], epochs=[5, 16, 30, 10, 8, 11, 11, 10],
        rate=["1e-4", "6e-5", "2e-4", "1e-4", "1e-4", "1e-4", "2e-4", "2e-4"],
        decay=[0, 0.01, 0.01, 0, 0.01, 0.01, 0.01, 0.1],
        length=[256, 128, 128, 64, 512, 320, 320, 128]),
}
# In the order of the lists above: text columns, label column, rows of the training file.
TASKS = {
    "mnli": (["sentence1", "sentence2"], "gold_label", 392_702),
    "sst2": (["sentence"], "label", 67_349),
    "mrpc": (["'#1 String'", "'#2 String'"], "Quality", 3_668),
    "cola": (["4"], "2", 8_551),
    "qnli": (["question", "sentence"], "label", 104_743),
    "qqp": (["question1", "question2"], "is_duplicate", 363_846),
    "rte": (["sentence1", "sentence2"], "label", 2_490),
    "stsb": (["sentence1", "sentence2"], "score", 5_749),
}
FROM_MNLI = ("mrpc", "rte", "stsb")
NAMES = {"sst2": "SST-2", "cola": "CoLA", "stsb": "STS-B"}


def recipe(model: str, values: dict, task: str, number: int) -> str:
    texts, label, rows = TASKS[task]
    columns = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    batch = values["batch"][number]
    lines = [f"# {model} on {NAMES.get(task, task.upper())} as in the LoRA paper; see README.md.",
             f"task: {'regression' if task == 'stsb' else 'classification'}",
             f"model: models/{model}"]
    if task == "mnli":
        lines += ["train_file: data/mnli/train.tsv", "valid_file: data/mnli/dev_matched.tsv"]
    else:
        lines += [f"data: data/{task}"]
    lines += [f"text_column: {columns}", f"label_column: {label}",
              f"adapter_path: adapters/{model}-{task}"]
    if task == "cola":
        lines += ["metric: matthews"]
    lines += [""]
    if task in FROM_MNLI:
        lines += ["# Rank, alpha and targets are those of the MNLI adapter; the head is fresh.",
                  f"init_adapter: adapters/{model}-mnli"]
    else:
        lines += ["rank: 8", f"alpha: {values['alpha']}",
                  f"target: [{', '.join(values['target'])}]"]
    lines += ["", f"batch_size: {batch}", f"epochs: {values['epochs'][number]}",
              f"learning_rate: {values['rate'][number]}", "lr_schedule: linear",
              f"warmup: {values['warmup']}", f"weight_decay: {values['decay'][number]}",
              f"max_seq_length: {values['length'][number]}",
              f"eval_every: {math.ceil(rows / batch)}  # once an epoch"]
    return "\n".join(lines) + "\n"


def main():
    for model, values in MODELS.items():
        for number, task in enumerate(TASKS):
            path = FOLDER / f"{model}-{task}.yaml"
            path.write_text(recipe(model, values, task, number))


if __name__ == "__main__":
    main()
