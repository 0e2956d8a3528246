"""The pages of `analyze --report` and `compress --report` in Chromium, on a desk and on a phone.

Needs Chromium and a built lowrank (LOWRANK, else .build/release/lowrank). Pictures go to .build/watch.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from browser import Browser, find_browser

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
PICTURES = ROOT / ".build/watch"
DESK, PHONE = (1280, 900), (390, 844)

pytestmark = [
    pytest.mark.skipif(find_browser() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built"),
]

# What of a page is wider than it may be: cells that stick out of their table's box, and boxes that stick out of the page.
CUT = """
(() => {
  const cut = [];
  for (const box of document.querySelectorAll('.rows')) {
    const outer = box.getBoundingClientRect();
    if (outer.left < 0 || outer.right > innerWidth + 0.5) cut.push(box.getAttribute('aria-label'));
    for (const cell of box.querySelectorAll('tbody th, tbody td')) {
      const inner = cell.getBoundingClientRect();
      const text = document.createRange();
      text.selectNodeContents(cell);
      const right = Math.max(inner.right, text.getBoundingClientRect().right);
      if (inner.width === 0 || inner.left < outer.left - 0.5 || right > outer.right + 0.5)
        cut.push(`${box.getAttribute('aria-label')}: ${cell.dataset.column ?? ''} ${cell.textContent}`);
    }
  }
  return cut;
})()
"""

# The names that a phone shows over the values of a table's rows, and the table's columns.
LABELS = """
[...document.querySelectorAll('.stack')].map((box) => {
  const columns = [...box.querySelectorAll('thead th')].slice(1).map((cell) => cell.textContent);
  const row = box.querySelector('tbody tr');
  const shown = [...row.querySelectorAll('td')].map((cell) => JSON.parse(getComputedStyle(cell, '::before').content));
  return [columns, shown];
})
"""


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What `lowrank demo` makes: a model, its adapter, and the same pruned."""
    folder = tmp_path_factory.mktemp("report") / "demo"
    run("demo", "--output", folder)
    return folder


@pytest.fixture
def browser():
    page = Browser()
    yield page
    page.close()


def look_at(browser, page, name):
    """Looks at a page in both widths and schemes, with all numbers open; nothing may be cut."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser.look(*DESK)
    browser.open(page.as_uri())
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width, height in (DESK, PHONE):
        for scheme in ("light", "dark"):
            browser.look(width, height, scheme, mobile=width < 500)
            assert browser.evaluate("document.documentElement.scrollWidth") == width
            assert browser.evaluate(CUT) == []
            surface = browser.evaluate("getComputedStyle(document.body).backgroundColor")
            assert surface == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
            browser.picture(PICTURES / f"{name}-{width}-{scheme}.png", width)
    assert browser.complaints == []


def check_labels(browser, least):
    labels = browser.evaluate(LABELS)
    assert len(labels) >= least
    for columns, shown in labels:
        assert shown == columns


def test_two_adapters(browser, demo, tmp_path):
    page = tmp_path / "two.html"
    run("analyze", demo / "adapter", demo / "small", "--layers", "--intruders", "--model", demo / "model",
        "--report", page)
    look_at(browser, page, "report-two")
    # The window is a phone's now: every value stands under the name of its column.
    check_labels(browser, 4)
    browser.look(*DESK)
    # Each figure in the head is in the row of the adapter that it is of.
    rows = browser.evaluate(
        "[...document.querySelectorAll('header tbody tr')].map((row) => [...row.children].map((e) => e.textContent))")
    assert [row[0] for row in rows] == ["adapter", "small"]
    counts = [json.loads((demo / name / "certificate.json").read_text())["parameters_after"]
              for name in ("small",)]
    assert rows[1][2] == f"{counts[0]:,}"
    assert browser.evaluate("document.querySelectorAll('header dl').length") == 0
    # What is measured of one of them says so.
    headings = browser.evaluate("[...document.querySelectorAll('main h2')].map((e) => e.textContent)")
    assert "Amplification of adapter" in headings
    # Wide tables use the room beside the column of text.
    widest = browser.evaluate(
        "Math.max(...[...document.querySelectorAll('.tabular .rows')].map((e) => e.clientWidth))")
    assert widest > 760


def test_a_compressed_adapter(browser, demo, tmp_path):
    page = tmp_path / "small.html"
    run("compress", demo / "adapter", "--output", tmp_path / "small", "--report", page)
    look_at(browser, page, "report-small")
    check_labels(browser, 1)
    facts = browser.evaluate("[...document.querySelectorAll('header dt')].map((e) => e.textContent)")
    assert {"parameters of the factors", "file", "energy discarded"} <= set(facts)


def test_the_keyboard_scrolls_long_tables(browser, demo, tmp_path):
    page = tmp_path / "one.html"
    run("analyze", demo / "adapter", "--report", page)
    browser.look(*PHONE, mobile=True)
    browser.open(page.as_uri())
    browser.evaluate("document.querySelector('.tabular .stack').focus()")
    assert browser.evaluate("document.activeElement.getAttribute('aria-label')") == "Table 1"
    browser.press("End")
    browser.wait("document.activeElement.scrollTop > 100")
    # Changing the layout of a table has not taken its meaning away.
    tree = browser.command("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in tree]
    assert roles.count("rowheader") >= 28 and roles.count("columnheader") >= 7
    assert browser.complaints == []
