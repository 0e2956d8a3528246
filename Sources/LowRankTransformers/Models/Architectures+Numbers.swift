import LowRankCheckpoints

extension Architectures {
  /// The part of a configuration that affects results, as a value that is equal for two configurations that compute
  /// the same.
  ///
  /// It excludes dropout rates, the tying of the head and the vocabulary size.
  /// - Throws: what reading the configuration throws.
  package static func numbers(of config: some JSONFields) throws -> AnyHashable {
    let name = try config.string("model_type")
    if let family = LlamaConfiguration.Family(rawValue: name) {
      var numbers = try LlamaConfiguration(config, family: family)
      (numbers.attentionDropout, numbers.tiesHead, numbers.vocabularySize) = (0, false, 0)
      // Only dynamic rotary embeddings depend on it, and they store it themselves.
      numbers.positions = 0
      return numbers
    }
    if let family = Bert.Family(rawValue: name) {
      return EncoderNumbers(
        name: name, try EncoderConfiguration(config, isRoberta: family != .bert).withoutDropout)
    }
    if let generation = DebertaConfiguration.Generation(rawValue: name) {
      var numbers = try DebertaConfiguration(config, generation: generation)
      numbers.encoder = numbers.encoder.withoutDropout
      numbers.poolerDropout = 0
      return numbers
    }
    if VisionTransformer.Family(rawValue: name) != nil {
      var numbers = try VisionConfiguration(config)
      numbers.setDropout(0)
      return numbers
    }
    switch name {
    case "gemma3_text":
      var numbers = try Gemma3Configuration(config)
      (numbers.attentionDropout, numbers.tiesHead, numbers.vocabularySize) = (0, false, 0)
      numbers.positions = 0
      return numbers
    case "phi3":
      var numbers = try Phi3Configuration(config)
      (numbers.attentionDropout, numbers.residualDropout) = (0, 0)
      (numbers.tiesHead, numbers.vocabularySize, numbers.positions) = (false, 0, 0)
      return numbers
    case "modernbert":
      var numbers = try ModernBertConfiguration(config)
      numbers.setDropout(0)
      return numbers
    case "gpt2":
      var numbers = try GPT2Configuration(config)
      (numbers.embeddingDropout, numbers.residualDropout, numbers.attentionDropout) = (0, 0, 0)
      (numbers.tiesHead, numbers.vocabularySize) = (false, 0)
      return numbers
    default:
      return EncoderNumbers(
        name: name, try EncoderConfiguration(distilled: config).withoutDropout)
    }
  }

  /// The configuration of an encoder together with its family.
  private struct EncoderNumbers: Hashable {
    let name: String
    let numbers: EncoderConfiguration

    init(name: String, _ numbers: EncoderConfiguration) {
      self.name = name
      self.numbers = numbers
    }
  }
}

extension EncoderConfiguration {
  /// A copy without dropout rates and vocabulary size.
  fileprivate var withoutDropout: EncoderConfiguration {
    var numbers = self
    numbers.setDropout(0)
    numbers.vocabularySize = 0
    return numbers
  }
}
