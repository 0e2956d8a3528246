"""lm-evaluation-harness over HTTP: `lowrank serve` gives the accuracies of its own `hf` model.

    python Oracles/acceptance/serving_lm_eval.py --model DIR --assets DIR [--lowrank BIN] [--rows 200] [--keep DIR]

Makes rows of four choices out of E2E's test file: in one half, which of four sentences says the facts, where all four speak of a
place of the same name; in the other half, which of four values of a field goes on a sentence that was begun. The harness scores
them twice in f32: with transformers (`hf`), and with `local-completions` on a server that it starts. Prints one JSON object: the
accuracies of both, the largest difference of a choice's log-likelihood, and the number of greedy flags. Exit code 1 where an
accuracy, a chosen answer or a greedy flag differs, a log-likelihood differs by more than 0.01, or the accuracy is below 0.35.
Needs `lm-eval[api]` beside requirements.txt; nothing is loaded from a network.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
ROOT = Path(__file__).resolve().parents[2]
TASK, FIELDS = "e2e_choices", ("food", "near", "area", "price", "Type")
TOLERANCE, LEAST = 0.01, 0.35


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="a decoder as a folder")
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--lowrank", default=os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--keep", type=Path, help="where the rows and the scores of both are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["HF_DATASETS_CACHE"] = str(Path(scratch) / "datasets")
        write_task(folder, make_rows(options.assets / "data/e2e/test.jsonl", options.rows))
        start = time.monotonic()
        ours = served(options, folder)
        between = time.monotonic()
        theirs = scores(folder, "hf", dict(pretrained=str(options.model), dtype="float32"), options.batch, device="cpu")
        seconds = between - start, time.monotonic() - between
        if options.keep:
            (folder / "scores.json").write_text(json.dumps(dict(served=ours, hf=theirs)))
        sys.exit(compare(ours, theirs, seconds))


def make_rows(file: Path, count: int) -> list[dict]:
    """Rows with `text`, four `choices` and the `label` of the right one; the same in every run."""
    chosen = random.Random(0)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    facts = {row["prompt"]: dict(part.split(" : ", 1) for part in row["prompt"].split(" | ")) for row in rows}
    values = {field: sorted({known[field] for known in facts.values() if field in known}) for field in FIELDS}
    chosen.shuffle(rows)
    by_name, made = {}, []
    for row in rows:
        by_name.setdefault(facts[row["prompt"]]["name"], {}).setdefault(row["prompt"], row["completion"])
    for row in rows:
        others = [said for prompt, said in by_name[facts[row["prompt"]]["name"]].items() if prompt != row["prompt"]]
        if len(made) < count // 2 and len(others) >= 3:
            made.append(choice(chosen, row["prompt"] + " =>", row["completion"], chosen.sample(others, 3)))
    for row in reversed(rows):
        field = chosen.choice(FIELDS)
        value = facts[row["prompt"]].get(field)
        begun, found, _ = row["completion"].partition(f" {value} ")
        others = [other for other in values[field] if other != value]
        if value and found and begun and len(others) >= 3 and len(made) < count:
            made.append(choice(chosen, f"{row['prompt']} => {begun}", value, chosen.sample(others, 3)))
    assert len(made) == count
    return made


def choice(chosen: random.Random, text: str, right: str, wrong: list[str]) -> dict:
    choices = [right, *wrong]
    chosen.shuffle(choices)
    return dict(text=text, choices=choices, label=choices.index(right))


def write_task(folder: Path, rows: list[dict]):
    """The harness's description of the task, and its rows."""
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    # JSON is YAML, too.
    (folder / f"{TASK}.yaml").write_text(json.dumps(dict(
        task=TASK, dataset_path="json", dataset_kwargs=dict(data_files=dict(test=str(file.resolve()))), test_split="test",
        output_type="multiple_choice", doc_to_text="{{text}}", doc_to_choice="{{choices}}", doc_to_target="{{label}}",
        metric_list=[dict(metric=name, aggregation="mean", higher_is_better=True) for name in ("acc", "acc_norm")])))


def scores(folder: Path, model: str, arguments: dict, batch: int, **others) -> dict:
    """The accuracies, and of each row in order the log-likelihood and the greedy flag of each choice."""
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager
    found = simple_evaluate(
        model=model, model_args=arguments, tasks=[TASK], batch_size=batch, log_samples=True, bootstrap_iters=0,
        task_manager=TaskManager(include_path=str(folder), include_defaults=False), **others)
    samples = sorted(found["samples"][TASK], key=lambda sample: sample["doc_id"])
    return dict(
        acc=found["results"][TASK]["acc,none"], acc_norm=found["results"][TASK]["acc_norm,none"],
        rows=[[(float(value), bool(flag)) for value, flag in sample["filtered_resps"]] for sample in samples])


def served(options, folder: Path) -> dict:
    """The scores by way of a server of the model."""
    server = subprocess.Popen(
        [str(options.lowrank), "serve", "--model", str(options.model), "--port", "0", "--precision", "f32", "--name", "base",
         "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        url = json.loads(server.stdout.readline())["url"]
        # As `hf` does, with the token before a text that the tokenizer writes there.
        return scores(folder, "local-completions", dict(
            model="base", base_url=f"{url}/v1/completions", tokenizer=str(options.model), tokenizer_backend="huggingface",
            add_bos_token=True, num_concurrent=4, max_retries=1, timeout=3600), options.batch)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def compare(ours: dict, theirs: dict, seconds: tuple[float, float]) -> int:
    pairs = [pair for rows in zip(ours["rows"], theirs["rows"], strict=True) for pair in zip(*rows, strict=True)]
    apart = max(abs(own[0] - other[0]) for own, other in pairs)
    unequal = sum(own[1] != other[1] for own, other in pairs)
    best = [[max(range(4), key=lambda place: row[place][0]) for row in side["rows"]] for side in (ours, theirs)]
    others = sum(own != other for own, other in zip(*best))
    print(json.dumps(dict(
        rows=len(ours["rows"]), acc=ours["acc"], acc_hf=theirs["acc"], acc_norm=ours["acc_norm"], acc_norm_hf=theirs["acc_norm"],
        other_answers=others, largest_difference=apart, greedy=sum(own[1] for own, _ in pairs),
        greedy_hf=sum(other[1] for _, other in pairs), unequal_flags=unequal, choices=len(pairs),
        seconds=round(seconds[0], 1), seconds_hf=round(seconds[1], 1))))
    return int(others or unequal or ours["acc"] != theirs["acc"] or ours["acc_norm"] != theirs["acc_norm"]
               or apart > TOLERANCE or ours["acc"] < LEAST)


if __name__ == "__main__":
    main()
