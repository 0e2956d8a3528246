import LowRankTensors

/// The `config.json` that a GGUF file's metadata say, as transformers would have it.
extension GGUFModel {
  /// The configuration; errors about it name the GGUF file.
  ///
  /// - Throws: `GGUFError` if a value is missing or of the wrong kind.
  package func config() throws -> JSONFile {
    let (name, family) = try modelType
    var config: JSONObject = ["architectures": [.string(name)], "model_type": .string(family)]
    func set(_ key: String, _ value: JSONValue?) { if let value { config[key] = value } }
    let width = try count("embedding_length")
    let heads = try headCounts
    set("vocab_size", .integer(try vocabularySize))
    set("hidden_size", .integer(width))
    set("intermediate_size", .integer(try count("feed_forward_length")))
    set("num_hidden_layers", .integer(try layerCount))
    set("num_attention_heads", .integer(heads.queries))
    set("num_key_value_heads", .integer(heads.keys))
    set("max_position_embeddings", .integer(try count("context_length")))
    set("rms_norm_eps", try number("attention.layer_norm_rms_epsilon").map { .double($0) })
    set("tie_word_embeddings", .bool(!has("output.weight")))
    let headSize = try headSize(width, heads.queries)
    if architecture != .phi3 || headSize * heads.queries != width {
      set("head_dim", .integer(headSize))
    }
    switch architecture {
    case .llama, .smollm3:
      set("hidden_act", "silu")
      set("attention_bias", .bool(has("blk.0.attn_q.bias")))
      set("mlp_bias", .bool(has("blk.0.ffn_up.bias")))
      if family == "mistral" {
        set(
          "sliding_window",
          try optionalCount("attention.sliding_window").map { .integer($0) } ?? .null)
      }
    case .qwen2, .qwen3:
      set("hidden_act", "silu")
      set("use_sliding_window", false)
      if architecture == .qwen3 { set("attention_bias", .bool(has("blk.0.attn_q.bias"))) }
    case .gemma3: try addGemma(to: &config, headSize: headSize, width / heads.queries)
    case .phi3:
      set("hidden_act", "silu")
      let window = value("attention.sliding_window")?.integer ?? 0
      set("sliding_window", window == 0 ? .null : .integer(try count("attention.sliding_window")))
    case .gpt2: break
    }
    for (key, value) in try rotary(headSize: headSize).entries { config[key] = value }
    for (key, name) in [("bos", "bos"), ("eos", "eos"), ("pad", "padding")] {
      let id = parts[0]["tokenizer.ggml.\(name)_token_id"]?.integer
      set("\(key)_token_id", id.map { .integer($0) })
    }
    return JSONFile(config, at: url)
  }

  /// The class and `model_type`.
  ///
  /// llama.cpp does not tell Mistral from Llama but for a window and its name.
  private var modelType: (name: String, type: String) {
    get throws(GGUFError) {
      if try optionalCountOrZero("expert_count") > 0 {
        throw GGUFError(path, "the model is a mixture of experts, which is not supported")
      }
      switch architecture {
      case .llama:
        let names = ["general.name", "general.basename"].compactMap { parts[0][$0]?.string }
        let isMistral =
          value("attention.sliding_window") != nil
          || names.contains { $0.lowercased().hasPrefix("mistral") }
        return isMistral ? ("MistralForCausalLM", "mistral") : ("LlamaForCausalLM", "llama")
      case .qwen2: return ("Qwen2ForCausalLM", "qwen2")
      case .qwen3: return ("Qwen3ForCausalLM", "qwen3")
      case .smollm3: return ("SmolLM3ForCausalLM", "smollm3")
      case .gemma3: return ("Gemma3ForCausalLM", "gemma3_text")
      case .phi3: return ("Phi3ForCausalLM", "phi3")
      case .gpt2: return ("GPT2LMHeadModel", "gpt2")
      }
    }
  }

  private func optionalCountOrZero(_ name: String) throws(GGUFError) -> Int {
    guard value(name)?.integer != 0 else { return 0 }
    return try optionalCount(name) ?? 0
  }

  /// The rows of the table of embeddings.
  private var vocabularySize: Int {
    get throws(GGUFError) {
      guard let table = tensor("token_embd.weight"), table.shape.rank == 2 else {
        throw GGUFError(path, "the tensor \"token_embd.weight\" is missing or is no matrix")
      }
      return table.shape.rows
    }
  }

  private func headSize(_ width: Int, _ heads: Int) throws(GGUFError) -> Int {
    let rotated = try optionalCount("rope.dimension_count")
    let given = try optionalCount("attention.key_length")
    let size = given ?? (architecture == .llama ? rotated : nil) ?? width / heads
    if let values = try optionalCount("attention.value_length"), values != size {
      throw GGUFError(
        path, "heads of values have \(values) columns and those of keys \(size), expected as many")
    }
    if architecture != .phi3, let rotated, rotated != size {
      throw GGUFError(
        path, "\(rotated) of \(size) columns of a head are rotated, which is not supported")
    }
    guard size > 0 else { throw GGUFError(path, "\(heads) heads do not fit into \(width) columns") }
    return size
  }

  /// What Gemma 3 has beside: windows, and the divisor of scores that llama.cpp derives from the size of the model.
  private func addGemma(
    to config: inout JSONObject, headSize: Int, _ share: Int
  ) throws(GGUFError) {
    config["hidden_activation"] = "gelu_pytorch_tanh"
    config["attention_bias"] = false
    config["query_pre_attn_scalar"] = .integer(try layerCount == 62 ? share : headSize)
    config["attn_logit_softcapping"] = .null
    config["final_logit_softcapping"] =
      try number("final_logit_softcapping").map { .double($0) } ?? .null
    let layers = try layerCount
    guard let window = try optionalCount("attention.sliding_window") else {
      config["layer_types"] = .array((0..<layers).map { _ in "full_attention" })
      return
    }
    var isSliding = (1...layers).map { !$0.isMultiple(of: 6) }
    switch value("attention.sliding_window_pattern") {
    case .array(let list):
      guard list.count == layers else {
        throw GGUFError(
          path, "\"\(key("attention.sliding_window_pattern"))\" must have a value for each layer")
      }
      isSliding = list.map { $0 == .bool(true) || ($0.integer ?? 0) > 0 }
    case .some:
      let pattern = try count("attention.sliding_window_pattern", atMost: Self.mostLayers)
      isSliding = (1...layers).map { !$0.isMultiple(of: pattern) }
    case nil: break
    }
    config["sliding_window"] = .integer(window)
    config["layer_types"] = .array(
      isSliding.map { .string($0 ? "sliding_attention" : "full_attention") })
  }
}
