"""The page of `lowrank watch` in Chromium while a run is live.

Needs Chromium and a built lowrank (LOWRANK, else .build/release/lowrank). Pictures go to .build/watch.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from browser import Browser, find_browser
from simulated_run import Live, SimulatedRun

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
PICTURES = ROOT / ".build/watch"

pytestmark = [
    pytest.mark.skipif(find_browser() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built"),
]

FOCUSED = "document.activeElement.id || document.activeElement.className"


class Watch:
    """A server over a store of its own."""

    def __init__(self, folder, *arguments):
        self.store = folder / "runs.sqlite"
        self.arguments = arguments
        self.start(0)
        self.port = int(self.address.split(":")[2].split("/")[0])

    def start(self, port):
        self.process = subprocess.Popen(
            [PROGRAM, "watch", "--json", "--port", str(port), *self.arguments],
            env=os.environ | {"LOWRANK_RUNS": str(self.store)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.address = json.loads(line)["address"]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code = self.process.wait(20)
        return code, time.monotonic() - began


@pytest.fixture
def watch(tmp_path):
    server = Watch(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def browser():
    page = Browser()
    yield page
    page.close()


def shown_step(browser):
    return int(browser.evaluate("document.getElementById('steps').textContent.replace(/ of.*|[^0-9]/g, '')"))


def text(browser, selector):
    return browser.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")


def test_a_live_run_in_two_sizes_and_two_schemes(watch, browser):
    before = SimulatedRun(watch.store, "names-r4", started=time.time() - 4000, seed=1)
    before.advance(500)
    before.end("finished")
    run = SimulatedRun(watch.store, "names-r8", started=time.time() - 100, seed=2)
    run.advance(400)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with Live(run):
        browser.look(1280, 900)
        browser.open(watch.address)
        browser.wait("document.querySelectorAll('.panel').length === 7")
        first = shown_step(browser)
        assert first >= 400
        assert text(browser, "#run-name") == "names-r8"
        assert text(browser, "#outcome") == "Running"
        assert "left" in text(browser, "#remaining")
        browser.wait(f"+document.getElementById('progress').value > {first + 20}")
        browser.evaluate(f"document.getElementById('overlay-{before.id}').click()")
        browser.wait("document.querySelectorAll('#figures .legend li').length > 10")
        for width, height in ((1280, 900), (390, 844)):
            for scheme in ("light", "dark"):
                browser.look(width, height, scheme, mobile=width < 500)
                assert browser.evaluate("document.documentElement.scrollWidth") == width
                surface = browser.evaluate("getComputedStyle(document.body).backgroundColor")
                assert surface == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
                browser.picture(PICTURES / f"live-{width}-{scheme}.png", width)
    titles = browser.evaluate("[...document.querySelectorAll('.figure h2')].map((e) => e.textContent)")
    assert titles == [
        "Loss", "Validation accuracy", "Learning rate", "Gradient norm", "Tokens per second", "Update norms",
    ]
    described = browser.evaluate(
        "[...document.querySelectorAll('svg[role=img]')].every((e) => e.getAttribute('aria-label').length > 10)"
    )
    assert described
    assert browser.complaints == []


def test_the_keyboard_reaches_and_moves_everything(watch, browser):
    other = SimulatedRun(watch.store, "other", started=time.time() - 4000, seed=1)
    other.advance(120)
    other.end("finished")
    run = SimulatedRun(watch.store, "main", started=time.time() - 100, seed=2)
    run.advance(200)
    browser.look(1280, 900)
    browser.open(watch.address)
    browser.wait("document.querySelectorAll('.panel').length === 7")
    browser.press("Tab")
    assert browser.evaluate(FOCUSED) == "skip"
    browser.press("Tab")
    assert browser.evaluate(FOCUSED) == "brand"
    browser.press("Tab")
    assert browser.evaluate(FOCUSED) == "theme"
    browser.press("Enter")
    browser.press("Enter")
    assert browser.evaluate("document.documentElement.dataset.theme") == "dark"
    assert text(browser, "#theme") == "Theme: dark"
    browser.press(" ")
    assert browser.evaluate("document.documentElement.dataset.theme ?? 'auto'") == "auto"

    order = []
    for _ in range(40):
        browser.press("Tab")
        order.append(browser.evaluate(FOCUSED))
        ring = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", f"{order[-1]} does not show that it has the focus"
        if order[-1] == f"overlay-{other.id}":
            browser.press(" ")
            browser.wait("document.querySelectorAll('#figures .legend li').length > 7")
        if order[-1] == "smoothing":
            browser.press("ArrowRight")
            assert text(browser, "#smoothing-text") == "about 20 steps"
        if order[-1] == "logarithmic":
            browser.press(" ")
            assert browser.evaluate("document.getElementById('logarithmic').checked")
        if order[-1] == "loss-cursor":
            break
    assert order[-1] == "loss-cursor"
    assert f"overlay-{other.id}" in order and "smoothing" in order and "logarithmic" in order

    value = "Number(document.activeElement.getAttribute('aria-valuenow'))"
    assert browser.evaluate(value) == 200
    browser.press("ArrowLeft")
    assert browser.evaluate(value) == 199
    browser.press("ArrowLeft", shift=True)
    assert browser.evaluate(value) == 189
    browser.press("PageDown")
    browser.press("ArrowRight")
    assert browser.evaluate(value) == 180
    spoken = browser.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert spoken.startswith("Step 180: main ")
    reading = "[...document.querySelectorAll('.figure > .heading .reading')].map((e) => e.textContent)"
    browser.wait(f"{reading}.includes('Step 180')")
    assert browser.evaluate("document.querySelectorAll('.hair').length") >= 3
    browser.press("Home")
    assert browser.evaluate(value) == 1
    browser.press("End")
    assert browser.evaluate(value) == 200
    browser.press("Escape")
    browser.wait("document.querySelectorAll('.hair').length === 0")

    browser.press("Tab")
    assert browser.evaluate("document.activeElement.tagName") == "SUMMARY"
    browser.press("Enter")
    browser.wait("document.querySelectorAll('#figures details[open] tbody tr').length === 100")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.getAttribute('aria-label')") == "Numbers of Loss"

    for _ in range(40):
        browser.press("Tab")
        if browser.evaluate(FOCUSED) == "norms-0-cursor":
            break
    assert browser.evaluate(FOCUSED) == "norms-0-cursor"
    browser.press("ArrowDown")
    browser.press("ArrowLeft")
    assert "layer 1, step 180" in browser.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert browser.complaints == []


def test_the_states_of_a_run(watch, browser):
    browser.look(1280, 900)
    browser.open(watch.address)
    browser.wait("!document.getElementById('empty').hidden")
    assert "lowrank train" in text(browser, "#empty")
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser.picture(PICTURES / "empty.png", 1280)

    run = SimulatedRun(watch.store, "first", seed=3)
    run.advance(50)
    browser.wait("document.getElementById('run-name')?.textContent === 'first'")
    run.advance(1)
    run.end("failed", "step 51: the loss is not finite")
    browser.wait("document.getElementById('outcome').textContent === 'Failed'")
    assert text(browser, "#message") == "step 51: the loss is not finite"
    assert shown_step(browser) == 51
    browser.picture(PICTURES / "failed.png", 1280)

    later = SimulatedRun(watch.store, "second", seed=4)
    browser.wait("document.querySelector('#newer a')?.textContent === 'second'")
    later.end("interrupted")
    assert browser.complaints == []


def test_a_server_that_comes_back_is_found(watch, browser):
    run = SimulatedRun(watch.store, "kept", seed=5)
    run.advance(30)
    browser.look(390, 844, mobile=True)
    browser.open(watch.address)
    browser.wait("document.getElementById('connection').textContent === 'Connected'")
    code, seconds = watch.stop()
    assert code == 130
    assert seconds < 5
    browser.wait("document.getElementById('connection').textContent.startsWith('Disconnected')")
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser.picture(PICTURES / "disconnected.png", 390)
    run.advance(30)
    watch.start(watch.port)
    browser.wait("document.getElementById('connection').textContent === 'Connected'", 40)
    browser.wait("document.getElementById('steps').textContent.startsWith('Step 60 ')")
    # What the browser itself says of a server that is not there is no fault of the page.
    assert all("ERR_" in complaint for complaint in browser.complaints)


def test_a_hundred_thousand_steps_are_shown(watch, browser):
    run = SimulatedRun(watch.store, "long", steps=100_000, started=time.time() - 20_000, layers=0)
    # In one transaction: the time that writing takes is not what is asked about.
    with run.lock:
        series = run.database.execute(
            "INSERT INTO series (run, name) VALUES (?, 'loss')", (run.id,)
        ).lastrowid
        run.database.executemany(
            "INSERT INTO point VALUES (?, ?, ?, ?, ?, ?)",
            ((run.id, step, series, step, 2 + 1000 / step if step != 50_001 else 900.0, run.started + 0.2 * step)
             for step in range(1, 100_001)),
        )
        run.database.execute(
            "UPDATE run SET points = 100000, last_step = 100000, outcome = 'finished', ended = started + 20000"
        )
        run.database.commit()
    browser.look(1280, 900)
    browser.open(watch.address)
    browser.wait("document.querySelector('.band') !== null")
    assert text(browser, "#steps") == "Step 100,000 of 100,000"
    # One point that is higher than its neighbours is still there, as the height of the band.
    top = browser.evaluate(
        "Math.min(...document.querySelector('.band').getAttribute('d').split(/[ML]/).slice(500, 1100)"
        ".map((pair) => Number(pair.split(' ')[1])).filter((y) => !Number.isNaN(y)))"
    )
    assert top < 100
    assert browser.complaints == []


def test_other_machines_open_it_with_the_token(tmp_path, browser):
    server = Watch(tmp_path, "--host", "0.0.0.0")
    try:
        run = SimulatedRun(server.store, "secret", seed=6)
        run.advance(10)
        token = server.address.split("token=")[1]
        browser.look(1280, 900)
        browser.open(f"http://127.0.0.1:{server.port}/?token={token}")
        browser.wait("document.getElementById('run-name')?.textContent === 'secret'")
        assert browser.evaluate("location.search") == ""
        assert browser.evaluate("document.cookie") == ""
        assert browser.complaints == []
    finally:
        assert server.stop()[0] == 130
