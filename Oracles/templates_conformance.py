"""Writes what jinja2, set up as transformers does, makes of the committed cases, of random
templates, and of the chat templates in given folders, for LowRankTemplatesTests to compare with.

    python Oracles/templates_conformance.py FOLDER [COUNT [TEMPLATES…]]
"""

import re
import signal
import sys
import warnings
from pathlib import Path

import templates_cases as cases
import templates_dialects as dialects
import templates_fixture as fixture
from templates_random import Writer

# Numbers beyond 64 bits, where an object lies in memory, and strings marked as HTML.
ELSEWHERE = re.compile(r"\d{19}| at 0x|\dj\)|function|method|Markup")


def random_cases(count):
    found = []
    for seed in range(count):
        template = Writer(seed).template()
        signal.alarm(5)
        try:
            answer = fixture.answer(template, cases.VARIABLES)
        except TimeoutError:
            continue
        finally:
            signal.alarm(0)
        text = answer.get("text", "")
        if not ELSEWHERE.search(text) and len(text) < 20_000:
            found.append({"template": template} | answer)
    return {"variables": {"variables": cases.VARIABLES}, "cases": found}


def stop(*_):
    raise TimeoutError


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", SyntaxWarning)
    signal.signal(signal.SIGALRM, stop)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    found = {
        "language": fixture.language(),
        "dialects": fixture.conversations(dialects.TEMPLATES),
        "random": random_cases(count),
    }
    for place in sys.argv[3:]:
        templates = {path.stem: path.read_text() for path in sorted(Path(place).rglob("*.jinja"))}
        found[f"given-{Path(place).name}"] = fixture.conversations(templates)
    for name, part in found.items():
        fixture.write(folder / f"{name}.json", part)
        errors = sum("text" not in case for case in part["cases"])
        print(f"{name}: {len(part['cases'])} cases, {errors} of them errors")


if __name__ == "__main__":
    main()
