"""`lowrank serve` answers the `openai` client on every endpoint, with the numbers of transformers and PEFT."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from contextlib import contextmanager

import openai
import pytest
import torch
from openai import OpenAI
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM,
                          AutoModelForSequenceClassification, BertConfig, LlamaConfig)

from tokenizers import decoders

from adapters_fixture import move
from harness import BINARY, CHARACTERS, END, close, save_tokenizer
from tiny_models import random_model

TOLERANCE = 2e-4
TEXTS = ["a cat sat", "the dog ran, and", "x"]


@contextmanager
def served(*arguments):
    """A running server: its client, its address and its process."""
    process = subprocess.Popen([str(BINARY), "serve", "--port", "0", "--precision", "f32",
                                *map(str, arguments)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], 120)
        line = process.stdout.readline() if ready else ""
        assert line, process.stderr.read()
        url = json.loads(line)["url"]
        yield OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0), url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def save_characters(folder):
    """The character tokenizer, whose tokens are joined without spaces."""
    tokenizer = save_tokenizer(folder)
    tokenizer.decoder = decoders.Fuse()
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory):
    """A small Llama with adapters of unequal ranks, in PEFT's own files."""
    folder = tmp_path_factory.mktemp("serving")
    model, adapters = folder / "model", folder / "adapters"
    config = LlamaConfig(vocab_size=len(CHARACTERS), hidden_size=32, intermediate_size=48,
                         num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                         max_position_embeddings=128, eos_token_id=END, bos_token_id=1)
    random_model(config, 1).save_pretrained(model)
    save_characters(model)
    (model / "chat_template.jinja").write_text(
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}.{% endfor %}"
        "{% if add_generation_prompt %}a: {% endif %}")
    for seed, (name, rank) in enumerate([("one", 1), ("two", 6), ("three", 3)]):
        base = AutoModelForCausalLM.from_pretrained(model)
        torch.manual_seed(seed)
        adapted = get_peft_model(base, LoraConfig(
            r=rank, lora_alpha=2 * rank, target_modules="all-linear", use_dora=name == "three"))
        move(adapted, seed)
        adapted.save_pretrained(adapters / name)
    return model, adapters


def reference(decoder, name):
    model, adapters = decoder
    base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    return (PeftModel.from_pretrained(base, adapters / name) if name else base).eval()


def ids_of(text):
    return [1] + [CHARACTERS.index(c) for c in text]


def greedy(model, text, count):
    """Transformers' continuation, and the tokens' log-probabilities, with that of the token that ends it."""
    ids, values = ids_of(text), []
    for _ in range(count):
        with torch.no_grad():
            row = model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
        token = int(row.argmax())
        values.append(float(row[token]))
        if token == END:
            break
        ids.append(token)
    return ids[len(ids_of(text)):], values


def text_of(tokens):
    return "".join("" if CHARACTERS[t].startswith("<") else CHARACTERS[t] for t in tokens)


def test_models(decoder):
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        assert [m.id for m in client.models.list()] == ["base", "one", "three", "two"]
        assert client.models.retrieve("two").id == "two"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("four")


@pytest.mark.parametrize("name", [None, "one", "two", "three"])
def test_completions(decoder, name):
    model = reference(decoder, name)
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        answer = client.completions.create(
            model=name or "base", prompt=TEXTS, max_tokens=12, temperature=0, logprobs=3)
        assert [c.index for c in answer.choices] == [0, 1, 2]
        for text, choice in zip(TEXTS, answer.choices):
            tokens, values = greedy(model, text, 12)
            assert choice.text == text_of(tokens)
            close(torch.tensor(choice.logprobs.token_logprobs), torch.tensor(values), TOLERANCE)
            assert all(len(top) == 3 for top in choice.logprobs.top_logprobs)
        assert answer.usage.prompt_tokens == sum(len(ids_of(t)) for t in TEXTS)


def test_completions_in_a_stream(decoder):
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        whole = client.completions.create(
            model="two", prompt=TEXTS, max_tokens=9, temperature=0)
        texts = [""] * 3
        usage = None
        for event in client.completions.create(
                model="two", prompt=TEXTS, max_tokens=9, temperature=0, stream=True,
                stream_options={"include_usage": True}):
            for choice in event.choices:
                texts[choice.index] += choice.text
            usage = event.usage or usage
        assert texts == [c.text for c in whole.choices]
        assert usage == whole.usage


def test_scores_of_prompts(decoder):
    """What lm-evaluation-harness asks for."""
    model = reference(decoder, "two")
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        prompts = [ids_of(text) for text in TEXTS]
        answer = client.completions.create(
            model="two", prompt=prompts, temperature=0, max_tokens=1, logprobs=1, seed=1234,
            echo=True)
        for ids, choice in zip(prompts, answer.choices):
            with torch.no_grad():
                rows = model(torch.tensor([ids])).logits[0].log_softmax(-1)
            found = choice.logprobs.token_logprobs
            assert found[0] is None and len(found) == len(ids) + 1
            expected = [float(rows[i, token]) for i, token in enumerate(ids[1:])]
            close(torch.tensor(found[1:len(ids)]), torch.tensor(expected), TOLERANCE)
            for i, token in enumerate(ids[1:]):
                top = choice.logprobs.top_logprobs[i + 1]
                assert (found[i + 1] == max(top.values())) == (int(rows[i].argmax()) == token)


@pytest.mark.parametrize("streams", [False, True])
def test_chat(decoder, streams):
    model = reference(decoder, "one")
    messages = [{"role": "system", "content": "be nice"}, {"role": "user", "content": "a cat"}]
    written = "system: be nice.user: a cat.a: "
    # The template writes its own text; no token is put before it.
    ids = [CHARACTERS.index(c) for c in written]
    expected = []
    for _ in range(8):
        with torch.no_grad():
            token = int(model(torch.tensor([ids + expected])).logits[0, -1].argmax())
        if token == END:
            break
        expected.append(token)
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        answer = client.chat.completions.create(
            model="one", messages=messages, max_completion_tokens=8, temperature=0,
            logprobs=True, top_logprobs=2, stream=streams)
        if streams:
            events = list(answer)
            text = "".join(e.choices[0].delta.content or "" for e in events)
            assert events[0].choices[0].delta.role == "assistant"
            assert events[-1].choices[0].finish_reason in ("stop", "length")
        else:
            choice = answer.choices[0]
            text = choice.message.content
            assert all(len(entry.top_logprobs) == 2 for entry in choice.logprobs.content)
            assert answer.usage.prompt_tokens == len(ids)
        assert text == text_of(expected)


def test_errors(decoder):
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        with pytest.raises(openai.NotFoundError):
            client.completions.create(model="four", prompt="a")
        with pytest.raises(openai.BadRequestError):
            client.completions.create(model="one", prompt="a", max_tokens=1000)
        with pytest.raises(openai.NotFoundError):
            client.embeddings.create(model="one", input="a")


def test_tokens_and_adapters(decoder):
    with served("--model", decoder[0], "--adapters", decoder[1], "--name", "base") as (client, *_):
        def post(path, **body):
            return client.post(f"{str(client.base_url)[:-4]}{path}", body=body, cast_to=object)
        tokens = post("/tokenize", prompt="a cat")
        assert tokens["tokens"] == ids_of("a cat")
        assert post("/detokenize", tokens=tokens["tokens"][1:])["prompt"] == "a cat"
        client.post("/load_lora_adapter", cast_to=str,
                    body={"lora_name": "again", "lora_path": str(decoder[1] / "one")})
        texts = [client.completions.create(model=name, prompt="a cat", max_tokens=8,
                                           temperature=0).choices[0].text
                 for name in ("one", "again")]
        assert texts[0] == texts[1]
        client.post("/unload_lora_adapter", cast_to=str, body={"lora_name": "again"})
        with pytest.raises(openai.NotFoundError):
            client.completions.create(model="again", prompt="a")


def test_a_conversation_fits_its_terminal(decoder):
    """Behind what is typed stands no empty line, and lines for people are broken at words."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 44, 0, 0))
    chat = subprocess.Popen([str(BINARY), "chat", "--model", str(decoder[0]), "--adapters", str(decoder[1])],
                            stdin=follower, stdout=follower, stderr=follower, env=os.environ | {"NO_COLOR": "1"})
    os.close(follower)
    shown = b""

    def wait():
        nonlocal shown
        while not shown.endswith(b"> "):
            assert select.select([leader], [], [], 120)[0], shown
            shown += os.read(leader, 4096)

    for line in (b"/adapter one\n", b"/help\n", b"/nothing\n"):
        wait()
        os.write(leader, line)
        shown += b"|"
    wait()
    os.write(leader, b"/quit\n")
    assert chat.wait(60) == 0
    os.close(leader)
    lines = re.sub(r"\|([^\n]*)\r\n", r"\1\n", shown.decode()).replace("\r", "").split("\n")
    lines = lines[[place for place, line in enumerate(lines) if "Talking to" in line][0]:]
    assert "" not in lines[:-1] and max(map(len, lines)) <= 44, lines
    assert "one answers from now on" in lines and "one> /help" in lines
    start = lines.index("/quit          ends, as do Ctrl-D, and")
    assert lines[start + 1:start + 3] == [" " * 15 + "Ctrl-C while nothing is", " " * 15 + "answered"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    config = BertConfig(vocab_size=len(CHARACTERS), hidden_size=32, num_hidden_layers=2,
                        num_attention_heads=4, intermediate_size=48, max_position_embeddings=64)
    torch.manual_seed(3)
    AutoModel.from_config(config).save_pretrained(folder / "model")
    save_characters(folder / "model")
    for seed, (name, classes) in enumerate([("two", 2), ("five", 5)]):
        base = AutoModelForSequenceClassification.from_pretrained(
            folder / "model", num_labels=classes)
        adapted = get_peft_model(base, LoraConfig(
            r=3, lora_alpha=6, target_modules=["query", "value"], task_type="SEQ_CLS"))
        move(adapted, seed)
        adapted.save_pretrained(folder / "classifiers" / name)
    base = AutoModelForMaskedLM.from_pretrained(folder / "model")
    adapted = get_peft_model(base, LoraConfig(r=2, target_modules=["query", "value"]))
    move(adapted, 9)
    adapted.save_pretrained(folder / "encoders" / "mine")
    return folder


@pytest.mark.parametrize("name", ["base", "mine"])
@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings(encoder, name, form):
    whole = AutoModelForMaskedLM.from_pretrained(encoder / "model")
    if name == "mine":
        whole = PeftModel.from_pretrained(whole, encoder / "encoders" / "mine").base_model.model
    model = whole.bert.eval()
    with served("--model", encoder / "model", "--task", "embeddings", "--name", "base",
                "--adapters", encoder / "encoders") as (client, *_):
        options = {} if form == "base64" else {"encoding_format": "float"}
        answer = client.embeddings.create(model=name, input=TEXTS, **options)
        for text, item in zip(TEXTS, answer.data):
            with torch.no_grad():
                mean = model(torch.tensor([ids_of(text)])).last_hidden_state[0].mean(0)
            expected = mean / mean.norm()
            close(torch.tensor(item.embedding), expected, TOLERANCE)


def test_classes(encoder):
    with served("--model", encoder / "model", "--task", "classification", "--name", "base",
                "--adapters", encoder / "classifiers") as (client, *_):
        for name, classes in [("two", 2), ("five", 5)]:
            base = AutoModelForSequenceClassification.from_pretrained(
                encoder / "model", num_labels=classes)
            model = PeftModel.from_pretrained(base, encoder / "classifiers" / name).eval()
            answer = client.post("/classify", cast_to=object,
                                 body={"model": name, "input": TEXTS})
            for text, item in zip(TEXTS, answer["data"]):
                with torch.no_grad():
                    expected = model(torch.tensor([ids_of(text)])).logits[0].softmax(-1)
                close(torch.tensor(item["probs"]), expected, TOLERANCE)
                assert item["label"] == item["labels"][int(expected.argmax())]
        with pytest.raises(openai.BadRequestError):
            client.post("/classify", cast_to=object, body={"model": "base", "input": "a"})
