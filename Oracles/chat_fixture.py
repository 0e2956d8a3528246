"""Writes Tests/LowRankTrainingTests/Fixtures/chat.json: conversations as transformers'
apply_chat_template makes tokens of them, and which tokens it counts as the assistant's. Run from the
package's root.

The templates and the tokenizer are our own. `plain` is a template without `{% generation %}`, for
which `plain_mask` is expected: the same tokens, but where the template rewrites an answer once others
follow it only those of the last.
"""

import json
import os
import re
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from jinja2.exceptions import TemplateError
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/chat.json")

CHATML = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' %}
{%- generation %}{{- message.content }}{% for call in message.tool_calls or [] -%}
<call>{{ call.function | tojson }}</call>{% endfor %}{{ '<|im_end|>' }}{% endgeneration %}
{%- else %}{{- message.content + '<|im_end|>' }}{% endif %}
{{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}"""

INSTRUCT = """{{- bos_token }}
{%- if messages[0].role == 'system' %}{% set system = messages[0].content + '\\n\\n' %}
{%- set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}
{%- for message in turns %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('user and assistant must take turns') }}
{%- endif %}
{%- if message.role == 'user' %}
{{- '[INST] ' + (system if loop.first else '') + message.content.strip() + ' [/INST]' }}
{%- else %}
{%- generation %}{{- ' ' + message.content.strip() + ' ' + eos_token }}{% endgeneration %}
{%- endif %}
{%- endfor %}"""

THINKING = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' %}
{%- generation %}
{%- if loop.last %}{{- message.content }}{% else %}{{- message.content.split('</think>')[-1] }}{% endif %}
{{- '<|im_end|>' }}{% endgeneration %}
{%- else %}{{- message.content + '<|im_end|>' }}{% endif %}
{{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}"""

TURNS = [
    ("system", "Be brief."), ("user", "Çok güzel! What is a low rank?"),
    ("assistant", "A product of two thin matrices. 🙂"), ("user", "  Why low? "),
    ("assistant", "<think>They ask why.</think>Because few\ndirections matter."),
]


def messages(first, last):
    return [dict(role=role, content=content) for role, content in TURNS[first:last]]


CALLS = messages(1, 2) + [
    dict(role="assistant", content="", tool_calls=[dict(function=dict(
        name="rank", arguments=dict(of="é", at=[1, 2.5])))]),
    dict(role="tool", content='{"rank": 8}'), dict(role="assistant", content="It is 8."),
]
THOUGHTS = messages(0, 5)
THOUGHTS[2] = dict(role="assistant", content="<think>Hm.</think>" + TURNS[2][1])
TEMPLATES = dict(
    chatml=(CHATML, [messages(0, 5), messages(1, 3), messages(1, 4), messages(2, 3), CALLS]),
    instruct=(INSTRUCT, [messages(0, 5), messages(1, 3), messages(1, 5), messages(2, 5)]),
    thinking=(THINKING, [messages(0, 5), messages(1, 3), THOUGHTS]),
)


def tokenizer():
    special = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(
        [content for _, content in TURNS] * 3,
        trainers.BpeTrainer(
            vocab_size=310, special_tokens=special, show_progress=False,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    # A beginning that the templates write themselves: it must not come twice.
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", made.token_to_id("<s>"))])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"])


def case(fast, source, plain, conversation):
    def apply(template, **more):
        return fast.apply_chat_template(conversation, chat_template=template, **more)

    try:
        encoded = apply(source, return_dict=True, return_assistant_tokens_mask=True)
    except TemplateError as error:
        return dict(messages=conversation, refusal=str(error))
    for prompt in (False, True):
        texts = [apply(t, tokenize=False, add_generation_prompt=prompt) for t in (source, plain)]
        assert texts[0] == texts[1], texts
    mask = plain_mask = encoded["assistant_masks"]
    if conversation is THOUGHTS:
        last = len(mask) - mask[::-1].index(1)
        first = last - mask[:last][::-1].index(0)
        plain_mask = [int(first <= position < last) for position in range(len(mask))]
    return dict(messages=conversation, ids=encoded["input_ids"], mask=mask, plain_mask=plain_mask)


def without_marks(source):
    """The template without marks, which writes the same: the tags stripped white space as `-` asks."""
    source = re.sub(r"\s*\{%-\s*(end)?generation\s*%\}", "", source)
    return re.sub(r"\{%\s*(end)?generation\s*%\}", "", source)


def main():
    fast = tokenizer()
    templates = []
    for name, (source, conversations) in TEMPLATES.items():
        plain = without_marks(source)
        cases = [case(fast, source, plain, conversation) for conversation in conversations]
        templates.append(dict(name=name, source=source, plain=plain, cases=cases))
    OUTPUT.write_text(json.dumps(dict(
        made_by="Oracles/chat_fixture.py",
        tokenizer=json.loads(fast.backend_tokenizer.to_str()),
        special_tokens=fast.special_tokens_map, templates=templates), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
