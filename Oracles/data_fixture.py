"""How pandas and Python's json read small random files, and which rows transformers' Trainer puts into each step.

Writes Tests/LowRankTrainingTests/Fixtures/data/{csv,json,steps}.json. Usage: data_fixture.py [FOLDER [CSV_CASES]]
"""

import io
import json
import random
import re
import sys
import tempfile
from pathlib import Path

import pandas
import torch
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainerCallback, TrainingArguments

folder = Path(
    sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "Tests/LowRankTrainingTests/Fixtures/data"
)
count = int(sys.argv[2]) if len(sys.argv) > 2 else 450


def read_csv(text):
    """Names of columns and rows as pandas has them, or null where it refuses the file."""
    try:
        table = pandas.read_csv(io.BytesIO(text.encode()), dtype=str, keep_default_na=False, index_col=False)
    except Exception:
        return None
    if any(not isinstance(value, str) for value in table.to_numpy().ravel()):
        return None
    return {"columns": list(table.columns), "rows": table.to_numpy().tolist()}


def csv_cases():
    rng = random.Random(13)
    fixed = [
        'text\n5" pipe\n', "text\rhello there\rand again\r", 'a,b\n"1" x,2\n', 'a,b\n"1""" x","2\n',
        "\ufefftext,b\n1,2\n", "a,a,a\n1,2,3\n", ",a\n0,x\n", "a,,b,\n1,2,3,4\n", 'a,b\n"x\r\ny","z\n\nw"\n',
        "a\n\n \n\t\nb\n", 'a,b\n1,"2\n', "a,a.1,a\n1,2,3\n", 'a\n""\n', "a,b\n,\n", 'a\n"x"y"z"\n',
    ]
    pieces = ["a", "b", "é", " ", ",", ",", '"', '"', '""', "\n", "\n", "\r", "\r\n", ";", "\t"]
    for text in fixed:
        yield text
    for _ in range(count - len(fixed)):
        end = rng.choice(["\n", "\r\n", "\r"])
        header = ",".join(rng.choice(["a", "b", "c", '"d,e"', "", "a"]) for _ in range(rng.randint(1, 3)))
        width = header.count(",") + 1 - header.count('"d,e"')
        lines = [header]
        for _ in range(rng.randint(1, 4)):
            fields = []
            for _ in range(width):
                kind = rng.random()
                plain = "".join(rng.choice(["x", "é", " ", '"', ";", "\t", "y"]) for _ in range(rng.randint(0, 5)))
                if kind < 0.5:
                    fields.append(plain)
                elif kind < 0.8:
                    inner = "".join(rng.choice(["x", ",", '""', end, "\n", "\r", " "]) for _ in range(rng.randint(0, 5)))
                    fields.append('"' + inner + '"' + rng.choice(["", "", "z", ' "']))
                else:
                    fields.append("".join(rng.choice(pieces) for _ in range(rng.randint(0, 4))))
            lines.append(",".join(fields))
        text = end.join(lines) + rng.choice(["", end])
        # After a lone carriage return pandas loses an empty first field, or the line.
        if not re.search(r"\r[ \t,\r]", text):
            yield text


def json_cases():
    lines = [
        '{"text": "a", "x": NaN}', '{"text": "a", "x": [Infinity, -Infinity]}', '{"text": "a", "x": 1e999}',
        '{"text": "a", "x": 123456789012345678901234567890}', '{"text": "a", "x": -0}', '{"text": "a", "x": 01}',
        '{"text": "a", "x": nan}', '{"text": "a", "x": +1}', '{"text": "a", "x": .5}', '{"text": "a", "x": -NaN}',
        '{"text": "a", "x": 1.}', '{"text": "a",}', '{"text": "\\u00e9\\ud83d\\ude00"}', '{"text": "a\tb"}',
        '{"text": "a", "x": Infinit}', '{"text": "a", "x": NaNs}', "{'text': 'a'}", '{"text": "a"} x',
    ]
    for line in lines:
        try:
            text = json.loads(line)["text"]
        except ValueError:
            text = None
        yield {"line": line, "text": text}


class Recorder(torch.nn.Module):
    """Remembers the rows that it is given."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.rows = []

    def forward(self, row, labels=None):
        self.rows.append(row.tolist())
        return {"loss": self.weight.sum() * 0 + self.weight.sum()}


class Steps(TrainerCallback):
    def __init__(self, model):
        self.model, self.steps = model, []

    def on_step_end(self, *_, **__):
        self.steps.append(self.model.rows)
        self.model.rows = []


class InOrder(Trainer):
    def _get_train_sampler(self, dataset=None):
        return SequentialSampler(self.train_dataset)


def steps_of(rows, batch, accumulation, **length):
    model = Recorder()
    recorded = Steps(model)
    with tempfile.TemporaryDirectory() as path:
        arguments = TrainingArguments(
            path, per_device_train_batch_size=batch, gradient_accumulation_steps=accumulation, use_cpu=True,
            report_to="none", save_strategy="no", logging_strategy="no", disable_tqdm=True, **length)
        data = [{"row": index, "labels": 0} for index in range(rows)]
        InOrder(model, arguments, train_dataset=data, callbacks=[recorded]).train()
    return recorded.steps


def step_cases():
    for rows, batch, accumulation in [(5, 8, 16), (10, 2, 2), (10, 3, 3), (7, 2, 4), (8, 2, 2), (11, 4, 2), (9, 1, 4)]:
        for length in [{"num_train_epochs": 2}, {"num_train_epochs": 1.4}, {"max_steps": 7}]:
            yield {
                "rows": rows, "batch": batch, "accumulation": accumulation,
                "epochs": length.get("num_train_epochs"), "iters": length.get("max_steps"),
                "steps": steps_of(rows, batch, accumulation, **length),
            }


folder.mkdir(parents=True, exist_ok=True)
for name, cases in [
    # Semicolons and tabs between names separate the fields here, and mean nothing to pandas.
    ("csv", [case for case in ({"text": text, "table": read_csv(text)} for text in csv_cases())
             if not case["table"] or not re.search("^[^,]*[;\t]", "".join(case["table"]["columns"]))]),
    ("json", list(json_cases())),
    ("steps", list(step_cases())),
]:
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n")
