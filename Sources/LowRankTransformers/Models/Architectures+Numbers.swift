import LowRankCheckpoints

extension Architectures {
  /// What a configuration makes of weights, as a value that is equal for two configurations that compute the same.
  ///
  /// Dropouts, the tying of the head and the number of tokens do not belong to it.
  /// - Throws: what reading the configuration throws.
  package static func numbers(of config: some JSONFields) throws -> AnyHashable {
    let name = try config.string("model_type")
    if let family = LlamaConfiguration.Family(rawValue: name) {
      var numbers = try LlamaConfiguration(config, family: family)
      (numbers.attentionDropout, numbers.tiesHead, numbers.vocabularySize) = (0, false, 0)
      // Only dynamic rotary positions depend on it, and they keep it themselves.
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
    switch name {
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

  /// The numbers of an encoder together with the family that reads them.
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
  /// The same without dropouts and the number of tokens.
  fileprivate var withoutDropout: EncoderConfiguration {
    var numbers = self
    numbers.setDropout(0)
    numbers.vocabularySize = 0
    return numbers
  }
}
