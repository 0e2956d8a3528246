extension NamedTemplate {
  /// The text of a turn, whether it is a string or a list of parts; turns with tools are refused.
  static let texts = #"""
    {%- if tools -%}
      {{- raise_exception('this chat template has no place for tools') -}}
    {%- endif -%}
    {%- macro text(message) -%}
      {%- if message['tool_calls'] -%}
        {{- raise_exception('this chat template has no place for tool calls') -}}
      {%- elif message['content'] is string -%}
        {{- message['content'] -}}
      {%- else -%}
        {%- for part in message['content'] -%}{{- part['text'] -}}{%- endfor -%}
      {%- endif -%}
    {%- endmacro -%}

    """#

  static let requiringEnd = #"""
    {%- if not eos_token -%}
      {{- raise_exception('this chat template ends turns with eos_token, which the tokenizer does not name') -}}
    {%- endif -%}

    """#

  static let chatmlBody = #"""
    {%- for message in messages -%}
      {{- '<|im_start|>' + message['role'] + '\n' -}}
      {%- if message['role'] == 'assistant' -%}
        {%- generation -%}{{- text(message) + '<|im_end|>' -}}{%- endgeneration -%}
      {%- else -%}
        {{- text(message) + '<|im_end|>' -}}
      {%- endif -%}
      {{- '\n' -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
    """#

  static let llama3Body = #"""
    {{- bos_token -}}
    {%- for message in messages -%}
      {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' -}}
      {%- if message['role'] == 'assistant' -%}
        {%- generation -%}{{- text(message) | trim + '<|eot_id|>' -}}{%- endgeneration -%}
      {%- else -%}
        {{- text(message) | trim + '<|eot_id|>' -}}
      {%- endif -%}
    {%- endfor -%}
    {%- if add_generation_prompt -%}
      {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}
    {%- endif -%}
    """#

  /// Takes the system's text from the first turn, and refuses turns that do not alternate.
  private static let folded = #"""
    {%- if messages[0]['role'] == 'system' -%}
      {%- set before = text(messages[0]) + '\n\n' -%}
      {%- set turns = messages[1:] -%}
    {%- else -%}
      {%- set before = '' -%}
      {%- set turns = messages -%}
    {%- endif -%}
    {%- for message in turns -%}
      {%- if message['role'] not in ['user', 'assistant'] -%}
        {{- raise_exception('Only user and assistant roles are supported, and a system message before them') -}}
      {%- endif -%}
      {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') -}}
      {%- endif -%}
    {%- endfor -%}

    """#

  static let mistralBody =
    folded + #"""
      {{- bos_token -}}
      {%- for message in turns -%}
        {%- if message['role'] == 'user' -%}
          {{- ' [INST] ' + (before if loop.first else '') + text(message) + ' [/INST]' -}}
        {%- else -%}
          {%- generation -%}{{- ' ' + text(message) + eos_token -}}{%- endgeneration -%}
        {%- endif -%}
      {%- endfor -%}
      """#

  static let gemmaBody =
    folded + #"""
      {{- bos_token -}}
      {%- for message in turns -%}
        {%- if message['role'] == 'user' -%}
          {{- '<start_of_turn>user\n' + (before if loop.first else '') -}}
          {{- text(message) | trim + '<end_of_turn>\n' -}}
        {%- else -%}
          {{- '<start_of_turn>model\n' -}}
          {%- generation -%}{{- text(message) | trim + '<end_of_turn>' -}}{%- endgeneration -%}
          {{- '\n' -}}
        {%- endif -%}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{- '<start_of_turn>model\n' -}}{%- endif -%}
      """#

  static let alpacaBody = #"""
    {{- bos_token -}}
    {%- if messages[0]['role'] != 'system' -%}
      {{- 'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' -}}
    {%- endif -%}
    {%- for message in messages -%}
      {%- if message['role'] == 'system' and loop.first -%}
        {{- text(message) -}}
      {%- elif message['role'] == 'user' -%}
        {{- '### Instruction:\n' + text(message) -}}
      {%- elif message['role'] == 'assistant' -%}
        {{- '### Response:\n' -}}
        {%- generation -%}{{- text(message) + eos_token -}}{%- endgeneration -%}
      {%- else -%}
        {{- raise_exception('Only user and assistant roles are supported, and a system message before them') -}}
      {%- endif -%}
      {%- if not loop.last -%}{{- '\n\n' -}}{%- endif -%}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '\n\n### Response:\n' -}}{%- endif -%}
    """#

  static let zephyrBody = #"""
    {%- for message in messages -%}
      {%- if message['role'] not in ['system', 'user', 'assistant'] -%}
        {{- raise_exception('Only system, user and assistant roles are supported') -}}
      {%- endif -%}
      {{- '<|' + message['role'] + '|>\n' -}}
      {%- if message['role'] == 'assistant' -%}
        {%- generation -%}{{- text(message) + eos_token -}}{%- endgeneration -%}
      {%- else -%}
        {{- text(message) + eos_token -}}
      {%- endif -%}
      {{- '\n' -}}
    {%- endfor -%}
    {%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}
    """#
}
