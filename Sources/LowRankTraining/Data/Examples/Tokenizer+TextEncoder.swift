import LowRankTokenizers

extension Tokenizer: TextEncoder {
  /// A text as tokens, together with those that the file's post-processor adds.
  public func encodeForTraining(_ text: String) -> EncodedText {
    let encoding = encode(text)
    return EncodedText(ids: encoding.ids, offsets: encoding.offsets)
  }
}
