"""Chat templates of our own that write the formats of known models, with the constructs that
theirs are made of; and the conversations they are rendered on."""

ALTERNATE = """{%- for message in messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Roles must alternate: user, assistant, user, and so on') }}
    {%- endif %}
{%- endfor %}
"""

TEMPLATES = {
    "chatml": """{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' -%}
{% generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}
{%- else -%}
{{ message.content + '<|im_end|>' }}
{%- endif -%}
{{ '\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}
""",
    "zephyr": """{% for turn in messages %}
{% if turn['role'] == 'user' %}
{{ '<|user|>\n' + turn['content'] + eos_token }}
{% elif turn['role'] == 'system' %}
{{ '<|system|>\n' + turn['content'] + eos_token }}
{% elif turn['role'] == 'assistant' %}
{{ '<|assistant|>\n' + turn['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "llama2": """{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set instructions = messages[0]['content'] %}{% else %}{% set turns = messages %}{% set instructions = false %}{% endif %}
{% for turn in turns %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('User and assistant must take turns, and the user begins') }}{% endif %}
{% if loop.index0 == 0 and instructions != false %}{% set text = '<<SYS>>\\n' + instructions.strip() + '\\n<</SYS>>\\n\\n' + turn['content'] %}{% else %}{% set text = turn['content'] %}{% endif %}
{% if turn['role'] == 'user' %}{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}{% elif turn['role'] == 'assistant' %}{{ ' ' + text.strip() + ' ' + eos_token }}{% endif %}{% endfor %}
""",
    "llama3": """{% for turn in messages %}{% set block = '<|start_header_id|>' ~ turn['role'] ~ '<|end_header_id|>\n\n' ~ turn['content']|trim ~ '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set block = bos_token ~ block %}{% endif %}{{ block }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}""",
    "llama3.1": """{{- bos_token }}
{%- if custom_tools is defined %}{% set tools = custom_tools %}{% endif %}
{%- if not in_first_user is defined %}{% set in_first_user = true %}{% endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}{% set tools = none %}{% endif %}
{%- if messages[0].role == 'system' %}
    {%- set instructions = messages[0].content | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set instructions = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{%- if builtin_tools is defined %}
    {{- "Tools: " ~ builtin_tools | reject('equalto', 'code_interpreter') | join(", ") ~ "\\n\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\nToday Date: " ~ date_string ~ "\\n\\n" }}
{%- if tools is not none and not in_first_user %}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- instructions + "<|eot_id|>" }}
{%- if in_first_user and not tools is none %}
    {%- if messages | length != 0 %}
        {%- set first = messages[0]['content'] | trim %}
        {%- set messages = messages[1:] %}
    {%- else %}
        {{- raise_exception("Tools go into the first user message, and there is none") }}
    {%- endif %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\nFunctions:\\n\\n' }}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) + "\\n\\n" }}
    {%- endfor %}
    {{- first + "<|eot_id|>" }}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls | length == 1 %}
            {{- raise_exception("One tool call at a time, please!") }}
        {%- endif %}
        {%- set call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + call.name + '", "parameters": ' }}
        {{- call.arguments | tojson }}
        {{- "}<|eot_id|>" }}
    {%- else %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": """{{ bos_token }}{% for turn in messages %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% if turn['role'] == 'user' %}{{ '[INST] ' + turn['content'] + ' [/INST]' }}{% elif turn['role'] == 'assistant' %}{{ turn['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('Only user and assistant roles are known') }}{% endif %}{% endfor %}""",
    "mistral-tools": """{%- if messages[0]["role"] == "system" %}
    {%- set instructions = messages[0]["content"] %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- set users = rest | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace(index=0) %}
{%- for turn in rest %}
    {%- if not (turn.role == "tool" or turn.role == "tool_results" or (turn.tool_calls is defined and turn.tool_calls is not none)) %}
        {%- if (turn["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, user and assistant must alternate") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for turn in rest %}
    {%- if turn["role"] == "user" %}
        {%- if tools is not none and (turn == users[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, value in tool.items() if key != "return" %}
                    {%- if value is string %}
                        {{- '"' + key + '": "' + value + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + value|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" }}{%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and instructions is defined %}
            {{- "[INST] " + instructions + "\\n\\n" + turn["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + turn["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif turn.tool_calls is defined and turn.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for call in turn.tool_calls %}
            {%- set out = call.function|tojson %}
            {{- out[:-1] }}
            {%- if not call.id is defined or call.id|length != 9 %}
                {{- raise_exception("Tool call identifiers have nine characters!") }}
            {%- endif %}
            {{- ', "id": "' + call.id + '"}' }}
            {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" + eos_token }}{%- endif %}
        {%- endfor %}
    {%- elif turn["role"] == "assistant" %}
        {{- " " + turn["content"]|trim + eos_token }}
    {%- elif turn["role"] == "tool_results" or turn["role"] == "tool" %}
        {%- if turn.content is defined and turn.content.content is defined %}
            {%- set content = turn.content.content %}
        {%- else %}
            {%- set content = turn.content %}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + ", " }}
        {{- '"call_id": "' + turn.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- else %}
        {{- raise_exception("Only user, assistant and tool roles are supported, with an initial system message!") }}
    {%- endif %}
{%- endfor %}
""",
    "qwen2.5": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n\\n<tool_call>\\n{\\"name\\": <name>, \\"arguments\\": <object>}\\n</tool_call><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "qwen3": """{%- set ns = namespace(searching=true, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if message.role == "assistant" %}
        {%- set thoughts = '' %}
        {%- if message.reasoning_content is string %}
            {%- set thoughts = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set thoughts = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {{- '<|im_start|>assistant\\n' }}
        {%- generation %}
        {%- if loop.index0 > ns.last and (loop.last or thoughts) %}
            {{- '<think>\\n' + thoughts.strip('\\n') + '\\n</think>\\n\\n' }}
        {%- endif %}
        {{- content.lstrip('\\n') }}
        {%- if message.tool_calls %}
            {%- for call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}{{- '\\n' }}{%- endif %}
                {%- if call.function %}{%- set call = call.function %}{%- endif %}
                {{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' }}
                {%- if call.arguments is string %}{{- call.arguments }}{%- else %}{{- call.arguments | tojson }}{%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
        {%- endgeneration %}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
        {{- '\\n<tool_response>\\n' ~ content ~ '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
    "gemma": """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('There is no system role') }}{% endif %}{% for turn in messages %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant') }}{% endif %}{% if (turn['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = turn['role'] %}{% endif %}{{ '<start_of_turn>' + role + '
' + turn['content'] | trim + '<end_of_turn>
' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model
'}}{% endif %}""",
    "gemma3": """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set prefix = messages[0]['content'] + '\n\n' -%}
    {%- else -%}
        {%- set prefix = messages[0]['content'][0]['text'] + '\n\n' -%}
    {%- endif -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set prefix = "" -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for message in turns -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- set role = "model" if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start_of_turn>' + role + '\n' + (prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<start_of_turn>model\n' }}
{%- endif -%}
""",
    "phi3": """{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{ '<|system|>\n' + message['content'] + '<|end|>\n' }}{% elif message['role'] == 'user' %}{{ '<|user|>\n' + message['content'] + '<|end|>\n' }}{% elif message['role'] == 'assistant' %}{{ '<|assistant|>\n' + message['content'] + '<|end|>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}""",
    "phi4": """{% for message in messages %}{% if 'tools' in message and message['tools'] is not none %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}{% else %}{{ '<|' ~ message['role'] ~ '|>' ~ (message['content'] or '') ~ '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}""",
    "schema": """{%- macro type_of(spec) -%}
    {%- if spec.type == 'array' -%}
        {{- type_of(spec['items']) ~ '[]' -}}
    {%- elif spec.type is iterable and spec.type is not string -%}
        {{- spec.type | join(' | ') -}}
    {%- elif spec.enum -%}
        {{- spec.enum | map('tojson') | join(' | ') -}}
    {%- elif spec.properties -%}
        {{- '{' -}}
        {%- for name, part in spec.properties | dictsort -%}
            {{- name ~ ('' if name in (spec.required or []) else '?') ~ ': ' ~ type_of(part) -}}
            {{- ', ' if not loop.last -}}
        {%- endfor -%}
        {{- '}' -}}
    {%- else -%}
        {{- spec.type | default('any', true) -}}
    {%- endif -%}
{%- endmacro -%}
{%- for tool in tools or [] -%}
    {{- '// ' ~ tool.function.description ~ '\\n' ~ tool.function.name ~ '(' ~ type_of(tool.function.parameters) ~ ')\\n' -}}
{%- endfor -%}
{%- for message in messages -%}
    {{- '[' ~ loop.index ~ '/' ~ loop.length ~ ' ' ~ message.role | upper | truncate(4, true, '') ~ '] ' ~ (message.content | default('-', true) | string | indent(2)) ~ '\\n' -}}
{%- endfor -%}
""",
    "alternate": ALTERNATE + "{{ messages | map(attribute='content') | join(' / ') }}",
}

TOOLS = [
    {"type": "function", "function": {"name": "weather", "description": "The weather of a place, in °C", "parameters": {
        "type": "object", "properties": {"place": {"type": "string", "description": "Where — \"city\""}, "unit": {"type": "string", "enum": ["c", "f"]}, "days": {"type": ["integer", "null"]}},
        "required": ["place"]}}},
    {"type": "function", "function": {"name": "add", "description": "Adds numbers", "parameters": {
        "type": "object", "properties": {"numbers": {"type": "array", "items": {"type": "number"}}}, "required": ["numbers"]}, "return": {"type": "number"}}},
]


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def system(content):
    return {"role": "system", "content": content}


def called(name, arguments, identifier="abcdef123"):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(content, **more):
    return {"role": "tool", "content": content, "tool_call_id": "abcdef123", **more}


CALL = called("weather", {"place": "Zürich", "days": 2})
CONVERSATIONS = {
    "single": {"messages": [user("Hi there!")], "add_generation_prompt": True},
    "turns": {"messages": [user(" What is 2 + 2?\n"), assistant("It is **4**.\n"), user("And 3 + 3?"), assistant(" 6 ")]},
    "system": {"messages": [system("Be brief.\n"), user("Why?"), assistant("Because."), user("Oh.")], "add_generation_prompt": True},
    "unicode": {"messages": [system("Répondez en français 🇫🇷"), user("Qu'est-ce que 東京 ? e\u0301 \u200b\u00a0"), assistant("C'est la capitale — “Tōkyō” 👩‍👩‍👧.")]},
    "empty": {"messages": [user(""), assistant(""), user("   ")], "add_generation_prompt": True},
    "markup": {"messages": [user("<|im_end|> {{ 7 * 7 }} {% if %} <b>&amp;</b> \\n \"quoted\""), assistant("`{% raw %}` it's\t\\\\ </s>")]},
    "tools": {"messages": [user("Weather in Zürich?")], "tools": TOOLS, "add_generation_prompt": True},
    "calls": {"messages": [system("Use tools."), user("Weather?"), assistant("", tool_calls=[CALL]), tool('{"celsius": 21.5}'), assistant("21.5 °C."), user("Thanks"), assistant("Welcome")], "tools": TOOLS},
    "two-calls": {"messages": [user("Both?"), assistant("Let me see.", tool_calls=[CALL, called("add", {"numbers": [1, 2.5, -3e-7]}, "ghijkl456")]), tool("sunny", name="weather"), tool("3.5", name="add")], "tools": TOOLS, "add_generation_prompt": True},
    "dictionary": {"messages": [user("?"), assistant("", tool_calls=[CALL]), tool({"content": "ok", "n": [1, None, True]})], "tools": TOOLS},
    "thinking": {"messages": [user("Q1"), assistant("<think>\nhm\n</think>\n\nA1"), user("Q2"), assistant("A2", reasoning_content="step\nby step\n")]},
    "no-thinking": {"messages": [user("Q1"), assistant("<think>a</think>A1"), user("Q2")], "add_generation_prompt": True, "enable_thinking": False},
    "parts": {"messages": [system([{"type": "text", "text": "Sys"}]), user([{"type": "image"}, {"type": "text", "text": " Look. "}])], "add_generation_prompt": True},
    "disorder": {"messages": [assistant("First!"), user("No.")]},
    "doubled": {"messages": [user("a"), user("b"), assistant("c")]},
    "unknown": {"messages": [user("a"), {"role": "narrator", "content": "Meanwhile"}]},
    "missing": {"messages": [user("a"), {"role": "assistant"}]},
    "nobody": {"messages": []},
    "null": {"messages": [user("a"), assistant(None), user(None)]},
    "dated": {"messages": [user("What day is it?")], "date_string": "1 Jan 2030", "tools": TOOLS[:1], "in_first_user": False, "builtin_tools": ["brave_search", "code_interpreter"], "add_generation_prompt": True},
}
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
