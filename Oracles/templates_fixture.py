"""Writes the committed fixtures of LowRankTemplatesTests: what jinja2, set up as transformers does,
makes of small templates and of chat templates in the dialects of known models.

    python Oracles/templates_fixture.py [FOLDER]
"""

import json
import sys
from pathlib import Path

import jinja2

import templates_cases as cases
import templates_dialects as dialects
import templates_reference as reference

FOLDER = Path(__file__).parent.parent / "Tests/LowRankTemplatesTests/Fixtures"


ABSENT = {"messages": None, "tools": None, "documents": None, "add_generation_prompt": False}


def answer(template, variables):
    found = reference.rendered(template, ABSENT | variables)
    found.pop("why", None)
    if not found.get("generated"):
        found.pop("generated", None)
    return found


def language():
    small = [{"template": template} | answer(template, cases.VARIABLES) for template in cases.templates()]
    return {"variables": {"variables": cases.VARIABLES}, "cases": small}


def conversations(templates):
    """Every template on every conversation."""
    variables = {name: dialects.TOKENS | given for name, given in dialects.CONVERSATIONS.items()}
    found = [{"template": template, "variables": name} | answer(text, variables[name])
             for template, text in templates.items() for name in variables]
    return {"templates": templates, "variables": variables, "cases": found}


def write(path, value):
    value = {"made_by": "Oracles/templates_fixture.py", "jinja2": jinja2.__version__} | value
    lines = [f" {json.dumps(name)}: " + (
        "[\n  " + ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in part) + "\n ]"
        if name == "cases" else json.dumps(part, ensure_ascii=False)) for name, part in value.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in [("language", language()), ("dialects", conversations(dialects.TEMPLATES))]:
        write(folder / f"{name}.json", found)
        errors = sum("text" not in case for case in found["cases"])
        print(f"{name}: {len(found['cases'])} cases, {errors} of them errors")


if __name__ == "__main__":
    main()
