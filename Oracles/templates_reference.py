"""Renders with jinja2 exactly as transformers does, at a fixed time."""

from copy import deepcopy
from datetime import datetime

from transformers.utils import chat_template_utils as reference

NOW = datetime(2026, 3, 7, 9, 5, 4, 123456)


class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


reference.datetime = Clock


def compiled(template):
    return reference._compile_jinja_template(template)


def rendered(template, variables):
    """The text and the byte ranges of generation blocks, or the kind of the error."""
    variables = deepcopy(variables)  # `indent` changes a list that it is given.
    try:
        environment = compiled(template)
        text, ranges = reference._render_with_assistant_indices(
            compiled_template=environment, messages=variables.get("messages"), tools=variables.get("tools"),
            documents=variables.get("documents"), add_generation_prompt=variables.get("add_generation_prompt", False),
            **{k: v for k, v in variables.items() if k not in ("messages", "tools", "documents", "add_generation_prompt")})
        text.encode()
    except Exception as error:
        raised = type(error).__name__ == "TemplateError"
        return {"error": str(error) if raised else None, "why": f"{type(error).__name__}: {error}"}
    before = [0]
    for character in text:
        before.append(before[-1] + len(character.encode()))
    return {"text": text, "generated": [[before[start], before[end]] for start, end in ranges]}
