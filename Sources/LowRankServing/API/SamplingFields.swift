import LowRank

/// The fields that say how an answer is sampled and how long it is, which completions and chats share.
struct SamplingFields {
  var rule = SamplingRule()
  var maxTokens: Int?
  var stops: [String] = []
  var stopTokens: Set<Int32> = []
  var ignoresEnd = false
  var count = 1
  var isStreamed = false
  var includesUsage = false

  /// - Throws: ``APIError``, `JSONError`.
  init(_ fields: RequestFields, vocabulary: Int) throws {
    rule.temperature = Float(try fields.number("temperature", in: 0...100) ?? 1)
    rule.topP = Float(try fields.number("top_p", in: 0...1) ?? 1)
    guard rule.topP > 0 else { throw APIError.invalid("top_p", "\"top_p\" must be above 0.") }
    // Some clients say −1 or 0 for all tokens.
    let topK = try fields.integer("top_k", in: -1...Int.max) ?? 0
    rule.topK = topK > 0 ? topK : nil
    rule.minP = Float(try fields.number("min_p", in: 0...1) ?? 0)
    rule.presencePenalty = Float(try fields.number("presence_penalty", in: -2...2) ?? 0)
    rule.frequencyPenalty = Float(try fields.number("frequency_penalty", in: -2...2) ?? 0)
    rule.repetitionPenalty = Float(try fields.number("repetition_penalty", in: 0.01...100) ?? 1)
    rule.seed = try fields.optionalInteger("seed").map { UInt64(bitPattern: Int64($0)) }
    rule.logitBias = try Self.biases(fields, vocabulary)
    stops = try fields.texts("stop", atMost: 16)
    for id in try fields.optionalIntegers("stop_token_ids") ?? [] {
      guard let token = Int32(exactly: id), (0..<vocabulary).contains(id) else {
        throw APIError.invalid(
          "stop_token_ids",
          "\"stop_token_ids\" has \(id), and the model knows \(vocabulary) tokens.")
      }
      stopTokens.insert(token)
    }
    ignoresEnd = try fields.bool("ignore_eos", default: false)
    count = try fields.integer("n", in: 1...128) ?? 1
    isStreamed = try fields.bool("stream", default: false)
    includesUsage =
      try fields.optionalObject("stream_options")?.bool("include_usage", default: false) ?? false
    if let best = try fields.optionalInteger("best_of"), best != count {
      throw APIError.invalid("best_of", "\"best_of\" other than \"n\" is not supported.")
    }
  }

  private static func biases(_ fields: RequestFields, _ vocabulary: Int) throws -> [Int32: Float] {
    guard let object = try fields.optionalObject("logit_bias") else { return [:] }
    guard object.allKeys.count <= 4096 else {
      throw APIError.invalid("logit_bias", "\"logit_bias\" has more than 4096 tokens.")
    }
    var biases: [Int32: Float] = [:]
    for key in object.allKeys {
      guard let token = Int32(key), (0..<vocabulary).contains(Int(token)) else {
        throw APIError.invalid("logit_bias", "\"logit_bias\" has '\(key)', expected a token.")
      }
      let bias = try object.double(key)
      guard (-100...100).contains(bias) else {
        throw APIError.invalid("logit_bias", "\"logit_bias\" is \(bias), expected −100 to 100.")
      }
      biases[token] = Float(bias)
    }
    return biases
  }

  /// The seed of one of several answers.
  func rule(ofAnswer index: Int) -> SamplingRule {
    var rule = rule
    rule.seed = rule.seed.map { $0 &+ UInt64(index) }
    return rule
  }
}
