"""The program in an adapter's card runs as it stands, and gives the logits that we give.

A base lies on the hub of the tests; we train on it by name and push. Then Python runs what stands between the card's
fences, with that hub instead of the real one, and nothing else changed.
"""

import json
import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants, hf_hub_download
from safetensors.torch import load_file

from classifiers import TEXTS, labels, save_base, with_task
from harness import close, save_tokenizer, write_rows
from hub import HUB, TOKEN, Hub, environment, ours, python
from tiny_encoders import BY_NAME

BASE = "owner/base"
# What the program in a card leaves behind: its model, and what it gave it.
SHOW = """
import json
with torch.no_grad():
    output = model(**inputs).logits
print(json.dumps(dict(ids=inputs["input_ids"][0].tolist(), logits=output[0].tolist())))
"""
CHATML = ("{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}. {% endfor %}"
          "{% if add_generation_prompt %}assistant: {% endif %}")


class Case:
    """A base on a hub, with what was trained on it and pushed."""

    def __init__(self, root: Path, hub: Hub, home: Path):
        self.root, self.hub, self.home = root, hub, home
        self.base = root / BASE
        self.adapter = home / "adapter"

    def train(self, rows: list[dict], *flags):
        write_rows(self.home / "rows/train.jsonl", rows)
        write_rows(self.home / "rows/valid.jsonl", rows[:4])
        self.ours("train", "--model", BASE, "--data", self.home / "rows", "--adapter-path", self.adapter,
                  "--rank", 4, "--iters", 6, "--batch-size", 4, "--learning-rate", 0.02,
                  "--precision", "f32", "--seed", 1, *flags)

    def ours(self, *arguments) -> dict:
        return ours(environment(self.home / "ours", self.hub.url, HF_TOKEN=TOKEN), *arguments)

    def pushed(self) -> str:
        """The card's text, as it lies on the hub."""
        self.ours("push", self.adapter, "me/adapter")
        return Path(hf_hub_download("me/adapter", "README.md", endpoint=self.hub.url,
                                    cache_dir=self.home / "card")).read_text()

    def run(self, card: str) -> dict:
        """Runs the card's program in a Python of its own, and returns ids and logits."""
        program = card.split("```python\n")[1].split("```")[0]
        answer = python(environment(self.home / "python", self.hub.url), program + SHOW)
        return dict(ids=answer["ids"], logits=torch.tensor(answer["logits"]))

    def score(self, *what) -> tuple[list[int], torch.Tensor]:
        file = self.home / "logits.safetensors"
        answer = self.ours("score", "--model", BASE, "--adapter", self.adapter, *what,
                           "--logits", file, "--precision", "f32")
        return answer["ids"], load_file(file)["logits"]


@pytest.fixture
def case(tmp_path, monkeypatch):
    if not HUB.exists():
        pytest.exit(f"{HUB} is missing: swift build -c release --product lowrank-test-hub", 2)
    # The hub of the tests speaks the interface of git's large files, as ours does.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    root = tmp_path / "root"
    (root / BASE).mkdir(parents=True)
    hubs = []

    def made(fill) -> Case:
        fill(root / BASE)
        hubs.append(Hub(root))
        return Case(root, hubs[0].__enter__(), tmp_path)

    yield made
    for hub in hubs:
        hub.stop()


def language_model(fixture_models, name):
    def fill(folder: Path):
        for file in ("config.json", "model.safetensors"):
            shutil.copy(fixture_models / name / file, folder)
        save_tokenizer(folder)
    return fill


@pytest.mark.parametrize("flags", [(), ("--trainable-tokens", "9,4")], ids=["plain", "tokens"])
@pytest.mark.parametrize("name", ["llama2", "gpt2"])
def test_language_model(case, name, flags, fixture_models):
    case = case(language_model(fixture_models, name))
    case.train([dict(text=text) for text in TEXTS], *flags)
    card = case.pushed()
    assert ("| Trained tokens | `b` (4), `g` (9) |" in card) == bool(flags)
    found = case.run(card)
    ids, logits = case.score("--text", "Hello")
    assert found["ids"] == ids
    close(found["logits"], logits, 1e-4)


def test_conversations(case, fixture_models):
    case = case(language_model(fixture_models, "llama2"))
    (case.home / "chat.jinja").write_text(CHATML)
    case.train([dict(messages=[dict(role="user", content=text[:8]), dict(role="assistant", content=text[:6])])
                for text in TEXTS], "--chat-template", case.home / "chat.jinja")
    card = case.pushed()
    assert "chat_template.jinja" in card
    found = case.run(card)
    ids, logits = case.score("--ids", ",".join(map(str, found["ids"])))
    close(found["logits"], logits, 1e-4)


# By name: the encoder, its task, what the base holds, and the names of the classes.
CLASSIFIERS = {
    "classification": ("bert", "classification", "encoder", ["no", "so so", 'a "yes"']),
    "numbered": ("roberta", "classification", "encoder", [0, 1, 2]),
    # The base has a head for other classes, which gives way to the adapter's.
    "other-head": ("distilbert", "classification", "classifier", ["a", "b"]),
    "regression": ("roberta", "regression", "encoder", []),
    "multilabel": ("bert", "multilabel", "pretrained", []),
    "decoder": ("gpt2-classifier", "classification", "pretrained", ["x", "y", "z"]),
    "decoder-regression": ("llama-classifier", "regression", "pretrained", []),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifier(case, name):
    encoder_name, task, kind, names = CLASSIFIERS[name]
    encoder = with_task(encoder_name, "multilabel" if name == "other-head" else task)
    case = case(lambda folder: save_base(encoder, kind, folder, seed=3))
    rows = [dict(text=t, label=l) for t, l in zip(TEXTS, labels(task, len(TEXTS), names or (0, 1, 2)))]
    case.train(rows, "--task", task, "--text-column", "text", "--label-column", "label")
    card = case.pushed()
    count = dict(classification=len(names), regression=1, multilabel=4)[task]
    assert f"num_labels={count}," in card
    found = case.run(card)
    ids, logits = case.score("--text", "Hello")
    assert found["ids"] == ids
    assert found["logits"].shape == (count,)
    close(found["logits"], logits[0], 1e-4)


def test_pairs(case):
    encoder = with_task("bert", "classification")
    case = case(lambda folder: save_base(encoder, "encoder", folder, seed=3))
    rows = [dict(one=t[:4], two=t[4:], label=l) for t, l in zip(TEXTS, labels("classification", len(TEXTS)))]
    write_rows(case.home / "rows/train.jsonl", rows)
    (case.home / "run.yaml").write_text("text_column: [one, two]\n")
    case.train(rows, "-c", case.home / "run.yaml", "--task", "classification", "--label-column", "label")
    card = case.pushed()
    assert 'tokenizer("Hello", "Good morning", return_tensors="pt"' in card
    found = -case.run(card)["logits"].log_softmax(-1)
    # Of a row with a label the loss is the label's negative log-probability.
    ours = []
    for label in range(3):
        write_rows(case.home / "row.jsonl", [dict(one="Hello", two="Good morning", label=label)])
        ours.append(case.ours("evaluate", "--model", BASE, "--adapter", case.adapter, "--precision", "f32",
                              "--data", case.home / "row.jsonl")["loss"])
    close(torch.tensor(ours), found, 1e-4)


def test_the_figures_are_those_of_the_step_that_is_shipped(case):
    encoder = with_task("bert", "classification")
    case = case(lambda folder: save_base(encoder, "encoder", folder, seed=3))
    rows = [dict(text=t, label=l) for t, l in zip(TEXTS, labels("classification", len(TEXTS)))]
    case.train(rows, "--task", "classification", "--text-column", "text", "--label-column", "label",
               "--eval-every", 1, "--metric", "loss", "--lr-schedule", "constant")
    card = case.pushed()
    measured = case.ours("evaluate", "--model", BASE, "--adapter", case.adapter, "--precision", "f32",
                         "--data", case.home / "rows/valid.jsonl")
    assert f"| validation loss | {measured['loss']:.4f} |" in card
    assert f"| validation accuracy | {measured['accuracy']:.4f} |" in card
