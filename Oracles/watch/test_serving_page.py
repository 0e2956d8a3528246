"""The page of `lowrank serve` in Chromium: two adapters side by side, on decoders and on encoders.

Needs Chromium and a built lowrank (LOWRANK, else .build/release/lowrank). Pictures go to .build/watch.
"""

import json
import select
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import decoders
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, BertConfig, LlamaConfig

from adapters_fixture import move
from browser import Browser, find_browser
from harness import BINARY, CHARACTERS, END, ROOT, save_tokenizer
from tiny_models import random_model

PICTURES = ROOT / ".build/watch"

pytestmark = [
    pytest.mark.skipif(find_browser() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built"),
]


@contextmanager
def served(*arguments):
    """The address of a running server, and its process."""
    process = subprocess.Popen([str(BINARY), "serve", "--port", "0", "--precision", "f32", *map(str, arguments)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], 120)
        line = process.stdout.readline() if ready else ""
        assert line, process.stderr.read()
        yield json.loads(line)["url"], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def post(url, path, **body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    return json.loads(text) if text.startswith("{") else text


def save_adapter(base, folder, seed, **options):
    torch.manual_seed(seed)
    adapted = get_peft_model(base, LoraConfig(r=seed, lora_alpha=seed, **options))
    move(adapted, seed)
    adapted.save_pretrained(folder)


def save_characters(folder):
    tokenizer = save_tokenizer(folder)
    tokenizer.decoder = decoders.Fuse()
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory):
    """A small Llama with the adapters `one` and `two`."""
    folder = tmp_path_factory.mktemp("page")
    random_model(LlamaConfig(
        vocab_size=len(CHARACTERS), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, eos_token_id=END, bos_token_id=1), 1,
    ).save_pretrained(folder / "model")
    save_characters(folder / "model")
    for seed, name in enumerate(["one", "two"], 1):
        base = AutoModelForCausalLM.from_pretrained(folder / "model")
        save_adapter(base, folder / "adapters" / name, seed, target_modules="all-linear")
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A small BERT with classifiers of two and of five classes."""
    folder = tmp_path_factory.mktemp("page-encoder")
    torch.manual_seed(3)
    AutoModel.from_config(BertConfig(
        vocab_size=len(CHARACTERS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=64)).save_pretrained(folder / "model")
    save_characters(folder / "model")
    for classes in (2, 5):
        base = AutoModelForSequenceClassification.from_pretrained(folder / "model", num_labels=classes)
        save_adapter(base, folder / "adapters" / f"of-{classes}", classes, target_modules=["query", "value"], task_type="SEQ_CLS")
    return folder


@pytest.fixture
def browser():
    page = Browser()
    page.look(1280, 900)
    yield page
    page.close()


def text(browser, identifier):
    return browser.evaluate(f"document.getElementById('{identifier}').innerText")


def opened(browser, url):
    browser.open(url + "/")
    browser.wait("document.getElementById('left').options.length > 0")


def ask(browser, prompt, **settings):
    for name, value in (settings | dict(prompt=prompt)).items():
        browser.evaluate(f"document.getElementById('{name}').value = {json.dumps(value)}")
    browser.evaluate("document.getElementById('send').click()")
    browser.wait("document.getElementById('stop').disabled")


def point(browser, identifier):
    """Moves the mouse over an element."""
    place = browser.evaluate(f"document.getElementById('{identifier}').getBoundingClientRect().toJSON()")
    for x in (1, place["x"] + 5):
        browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=place["y"] + 5)


def pictures(browser, name):
    """The page in two widths and two schemes, nowhere wider than the window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height in ((1280, 900), (390, 844)):
        for scheme in ("light", "dark"):
            browser.look(width, height, scheme, mobile=width < 500)
            assert browser.evaluate("document.documentElement.scrollWidth") == width
            surface = browser.evaluate("getComputedStyle(document.body).backgroundColor")
            assert surface == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}[scheme]
            browser.picture(PICTURES / f"serve-{name}-{width}-{scheme}.png", width)


def test_two_adapters_answer_side_by_side(decoder, browser):
    with served("--model", decoder / "model", "--adapters", decoder / "adapters", "--name", "base") as (url, _):
        opened(browser, url)
        assert text(browser, "purpose") == "base continues texts of up to 128 tokens."
        ask(browser, "a cat sat", left="one", right="two", tokens="20")
        for side, name in (("left", "one"), ("right", "two")):
            answer = post(url, "/v1/completions", model=name, prompt="a cat sat", max_tokens=20, temperature=0)
            shown = browser.evaluate(f"document.getElementById('{side}-text').textContent")
            assert shown == answer["choices"][0]["text"] and shown
            assert f"{answer['usage']['completion_tokens']} tokens in " in text(browser, f"{side}-count")
            assert text(browser, f"{side}-name") == name
        pictures(browser, "text")
        assert browser.complaints == []


def test_tokens_go_up_to_the_context_of_the_server(decoder, browser):
    with served("--model", decoder / "model", "--max-length", 100) as (url, _):
        opened(browser, url)
        assert browser.evaluate("[tokens.max, tokens.value].join()") == "100,50"
        # The prompt needs room, too: the server says so.
        ask(browser, "a", tokens="100")
        assert "100" in text(browser, "left-fault") and text(browser, "left-count") == ""
        browser.evaluate("tokens.value = 101")
        assert not browser.evaluate("tokens.checkValidity()")


CUT = """
window.fetch = async (path, options) => new Response(new ReadableStream({ start(stream) {
  stream.enqueue(new TextEncoder().encode('data: {"choices": [{"text": "half an", "finish_reason": null}]}\\n\\n'));
  END
} }));
"""


@pytest.mark.parametrize("end", ["stream.close()", "setTimeout(() => stream.error(new TypeError('network error')), 200)"])
def test_an_answer_without_its_end_says_that_it_was_cut_off(decoder, browser, end):
    with served("--model", decoder / "model") as (url, _):
        opened(browser, url)
        browser.evaluate(CUT.replace("END", end))
        ask(browser, "a")
        for side in ("left", "right"):
            assert text(browser, f"{side}-text") == "half an"
            assert "The answer was cut off" in text(browser, f"{side}-fault")


def test_a_server_that_dies_and_an_answer_that_is_stopped(decoder, browser):
    with served("--model", decoder / "model") as (url, process):
        opened(browser, url)
        process.kill()
        process.wait()
        ask(browser, "a")
        assert text(browser, "left-fault") == "The server does not answer."
        browser.evaluate("""window.fetch = (path, { signal }) => new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))))""")
        browser.evaluate("send.click()")
        browser.wait("!document.getElementById('stop').disabled")
        browser.evaluate("document.getElementById('stop').click()")
        browser.wait("document.getElementById('stop').disabled")
        assert text(browser, "left-count") == text(browser, "right-count") == "Stopped."
        assert text(browser, "left-fault") == ""


def test_adapters_that_come_later_are_offered_and_those_that_go_stay_chosen(decoder, browser, tmp_path):
    adapters = tmp_path / "adapters"
    shutil.copytree(decoder / "adapters", adapters)
    offered = "[...document.getElementById('left').options].map((option) => option.value).join()"
    with served("--model", decoder / "model", "--adapters", adapters, "--name", "base") as (url, _):
        opened(browser, url)
        assert browser.evaluate(offered) == "base,one,two"
        browser.evaluate("document.getElementById('left').value = 'two'")
        shutil.copytree(adapters / "one", adapters / "three")
        post(url, "/v1/unload_lora_adapter", lora_name="two")
        browser.evaluate("new Promise((go) => setTimeout(go, 600))")
        point(browser, "left")
        browser.wait(offered + " === 'base,one,three,two'")
        assert browser.evaluate("document.getElementById('left').value") == "two"
        assert browser.evaluate("document.getElementById('right').value") == "one"
        ask(browser, "a", left="three", tokens="8")
        assert text(browser, "left-name") == "three" and text(browser, "left-fault") == ""


def test_classes_are_shown_of_a_server_that_classifies(encoder, browser):
    with served("--model", encoder / "model", "--task", "classification", "--name", "base",
                "--adapters", encoder / "adapters") as (url, _):
        opened(browser, url)
        assert text(browser, "purpose") == "base classifies texts of up to 64 tokens."
        assert browser.evaluate("[...document.querySelectorAll('.generation')].every((e) => !e.offsetParent)")
        ask(browser, "a cat sat\n\nthe dog ran", left="of-2", right="of-5")
        for side, name in (("left", "of-2"), ("right", "of-5")):
            data = post(url, "/v1/classify", model=name, input=["a cat sat", "the dog ran"])["data"]
            shown = browser.evaluate(f"[...document.querySelectorAll('#{side}-text tr')].map((row) => row.innerText)")
            assert len(shown) == 3
            for line, item in zip(shown[1:], data):
                assert item["label"] in line and f"{max(item['probs']):.3f}" in line
        pictures(browser, "classes")
        # The base has no trained head; the server says so on its side alone.
        ask(browser, "a", left="base", right="of-2")
        assert "no trained head" in text(browser, "left-fault") and text(browser, "right-fault") == ""


def test_cosines_are_shown_of_a_server_that_makes_vectors(encoder, browser):
    with served("--model", encoder / "model", "--task", "embeddings", "--name", "base") as (url, _):
        opened(browser, url)
        assert text(browser, "purpose") == "base makes vectors of texts of up to 64 tokens."
        ask(browser, "a cat\nthe dog")
        vectors = [torch.tensor(item["embedding"]) for item in
                   post(url, "/v1/embeddings", model="base", input=["a cat", "the dog"])["data"]]
        assert f"{float(vectors[0] @ vectors[1]):.3f}" in text(browser, "left-text")
        assert text(browser, "left-count") == "2 vectors of 32 numbers"
        pictures(browser, "vectors")
        assert browser.complaints == []
