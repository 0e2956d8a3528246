import LowRankTokenizers

extension Tokenizer: TextEncoder {
  /// A text as tokens, together with those that the file's post-processor adds.
  public func encodeForTraining(_ text: String) -> EncodedText {
    let encoding = encode(text)
    return EncodedText(ids: encoding.ids, offsets: encoding.offsets, lost: encoding.lost)
  }

  /// A text that has its special tokens as tokens.
  public func encodeRendered(_ text: String) -> EncodedText {
    let encoding = encode(text, addSpecialTokens: false)
    return EncodedText(ids: encoding.ids, offsets: encoding.offsets, lost: encoding.lost)
  }
}

extension TurnEnds {
  /// The special tokens of a tokenizer, and those of it at which generation stops.
  public init(_ tokenizer: Tokenizer, stops: Set<Int32>) {
    let special = tokenizer.addedTokens.filter { $0.isSpecial || stops.contains($0.id) }
    self.init(special.map { ($0.id, $0.content) }, stops: stops)
  }
}
