"""Writes Tests/LowRankTrainingTests/Fixtures/named_templates.json: the named chat templates of
NamedTemplate+Sources.swift as transformers renders them. Run from the package's root.

What each should write is stated here a second time, in plain Python, as the models that made the
format known have it. The script stops if transformers renders one of our templates otherwise.
"""

import json
import re
import textwrap
from pathlib import Path

from templates_reference import rendered

SOURCES = Path("Sources/LowRankTemplates/Named/NamedTemplate+Sources.swift")
OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/named_templates.json")
BOS, EOS = "<s>", "</s>"
ALPACA = ("Below is an instruction that describes a task. Write a response that appropriately "
          "completes the request.\n\n")


def source(name):
    """The template's text, put together as NamedTemplate.source does."""
    swift = SOURCES.read_text()

    def part(key):
        literal = re.search(rf'static let {key} =\s*(folded \+ )?#"""\n(.*?)\n( *)"""#', swift, re.S)
        text = textwrap.dedent(literal[2].replace("\r", ""))
        return (part("folded") if literal[1] else "") + text
    end = part("requiringEnd") if name in ("mistral", "alpaca", "zephyr") else ""
    return f"{{#- The chat template {name}. -#}}\n" + part("texts") + end + part(name + "Body")


def folded(turns):
    """The turns behind a system's text, which the first question begins with."""
    if turns[0][0] != "system":
        return "", turns
    return turns[0][1] + "\n\n", turns[1:]


# Each yields pieces of text, with whether the model writes them.
def chatml(turns, prompt):
    for role, text in turns:
        yield f"<|im_start|>{role}\n", False
        yield f"{text}<|im_end|>", role == "assistant"
        yield "\n", False
    if prompt:
        yield "<|im_start|>assistant\n", False


def llama3(turns, prompt):
    yield BOS, False
    for role, text in turns:
        yield f"<|start_header_id|>{role}<|end_header_id|>\n\n", False
        yield f"{text.strip()}<|eot_id|>", role == "assistant"
    if prompt:
        yield "<|start_header_id|>assistant<|end_header_id|>\n\n", False


def mistral(turns, prompt):
    before, turns = folded(turns)
    yield BOS, False
    for index, (role, text) in enumerate(turns):
        if role == "user":
            yield f" [INST] {before if index == 0 else ''}{text} [/INST]", False
        else:
            yield f" {text}{EOS}", True


def gemma(turns, prompt):
    before, turns = folded(turns)
    yield BOS, False
    for index, (role, text) in enumerate(turns):
        name = "model" if role == "assistant" else role
        yield f"<start_of_turn>{name}\n{before if index == 0 else ''}", False
        yield f"{text.strip()}<end_of_turn>", role == "assistant"
        yield "\n", False
    if prompt:
        yield "<start_of_turn>model\n", False


def alpaca(turns, prompt):
    yield BOS + ("" if turns[0][0] == "system" else ALPACA), False
    for index, (role, text) in enumerate(turns):
        yield "\n\n" if index else "", False
        if role == "assistant":
            yield "### Response:\n", False
            yield text + EOS, True
        else:
            yield ("### Instruction:\n" if role == "user" else "") + text, False
    if prompt:
        yield "\n\n### Response:\n", False


def zephyr(turns, prompt):
    for role, text in turns:
        yield f"<|{role}|>\n", False
        yield text + EOS, role == "assistant"
        yield "\n", False
    if prompt:
        yield "<|assistant|>\n", False


TEMPLATES = [chatml, llama3, mistral, gemma, alpaca, zephyr]
SYSTEM, ASKED, SAID = ("system", "Be brief."), ("user", " Çok güzel! Why low? "), \
    ("assistant", "Few directions matter. 🙂\n")
AGAIN, MORE = ("user", "Go on."), ("assistant", "  That is all.")
CONVERSATIONS = [[ASKED], [ASKED, SAID], [SYSTEM, ASKED], [SYSTEM, ASKED, SAID],
                 [ASKED, SAID, AGAIN, MORE], [SYSTEM, ASKED, SAID, AGAIN]]
BROKEN = {
    "mistral": [[ASKED, AGAIN], [SAID], [ASKED, SYSTEM], [SYSTEM, SAID]],
    "gemma": [[ASKED, AGAIN], [SAID], [ASKED, SYSTEM]],
    "alpaca": [[ASKED, SYSTEM]], "zephyr": [[("tool", "8")]],
}


def expected(template, turns, prompt):
    text, ranges = b"", []
    for piece, is_written in template(turns, prompt):
        start = len(text)
        text += piece.encode()
        if is_written:
            ranges.append([start, len(text)])
    return {"text": text.decode(), "generated": ranges}


def messages(turns, parts=False):
    content = lambda text: [dict(type="text", text=text)] if parts else text
    return [dict(role=role, content=content(text)) for role, text in turns]


def main():
    written = []
    for template in TEMPLATES:
        name = template.__name__
        text = source(name)
        cases = []
        for turns in CONVERSATIONS:
            for prompt in (False, True) if turns[-1][0] != "assistant" else (False,):
                for parts in (False, True):
                    given = messages(turns, parts)
                    variables = dict(messages=given, bos_token=BOS, eos_token=EOS,
                                     add_generation_prompt=prompt)
                    right, found = expected(template, turns, prompt), rendered(text, variables)
                    assert found == right, (name, turns, prompt, found, right)
                    cases.append(dict(messages=given, prompt=prompt, **right))
        for turns in BROKEN.get(name, []):
            found = rendered(text, dict(messages=messages(turns), bos_token=BOS, eos_token=EOS))
            assert found.get("error"), (name, turns, found)
            cases.append(dict(messages=messages(turns), prompt=False, refusal=found["error"]))
        tools = dict(messages=messages([ASKED]), tools=[dict(type="function")], eos_token=EOS)
        assert "no place for tools" in rendered(text, tools)["error"]
        written.append(dict(name=name, source=text, cases=cases))
    OUTPUT.write_text(json.dumps(dict(templates=written), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
