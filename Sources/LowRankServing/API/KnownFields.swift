import LowRank

/// The fields of a request: another one is refused, since whoever sends it expects that it changes the answer.
enum KnownFields {
  static let completion = sampling.union(["prompt", "echo", "suffix", "add_special_tokens"])
  static let chat = sampling.union(conversation).union(["top_logprobs", "max_completion_tokens"])
  static let embeddings = classification.union(["encoding_format", "dimensions"])
  static let classification = model.union(["input", "add_special_tokens"])
  static let tokenization = model.union(conversation).union([
    "prompt", "content", "add_special_tokens", "return_token_strs",
  ])
  static let detokenization = model.union(["tokens"])
  static let loading: Set = ["lora_name", "lora_path", "load_inplace"]
  static let unloading: Set = ["lora_name", "lora_int_id"]

  private static let model: Set = ["model", "lora"]
  private static let conversation: Set = [
    "messages", "tools", "tool_choice", "add_generation_prompt", "response_format",
  ]
  private static let sampling = model.union([
    "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty",
    "repetition_penalty", "seed", "logit_bias", "stop", "stop_token_ids", "ignore_eos", "n",
    "stream", "stream_options", "best_of", "response_format", "logprobs", "max_tokens",
  ])

  /// Fields that tell the server something which no answer depends on.
  private static let notes: Set = [
    "user", "metadata", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "service_tier", "priority", "request_id", "parallel_tool_calls", "cache_prompt", "id_slot",
  ]

  /// Fields of other servers, with the value that is the same as none.
  private static let idle: [String: JSONValue] = [
    "min_tokens": 0, "include_stop_str_in_output": false, "skip_special_tokens": true,
    "spaces_between_special_tokens": true, "add_special_tokens": false, "echo": false,
    "continue_final_message": false, "length_penalty": 1, "use_beam_search": false,
    "early_stopping": false, "modalities": ["text"], "normalize": true,
    "return_tokens_as_token_ids": false, "include_reasoning": true,
  ]

  /// Refuses fields that are not among some.
  ///
  /// - Throws: ``APIError``.
  static func check(_ fields: some JSONFields, among known: Set<String>) throws(APIError) {
    for name in fields.allKeys where !known.contains(name) && !notes.contains(name) {
      guard let value = fields[name], value != .null, !isIdle(value, of: name) else { continue }
      let hint = suggestion(for: name, among: known.sorted())
      throw .invalid(name, "The field \"\(name)\" is not supported\(hint.isEmpty ? "." : hint)")
    }
  }

  private static func isIdle(_ value: JSONValue, of name: String) -> Bool {
    guard let idle = idle[name] else { return false }
    // 1 and 1.0 are one number.
    return value == idle || value.double.map { $0 == idle.double } ?? false
  }
}
