import LowRankTokenizers

extension Tokenizer: SequenceEncoder {
  /// The texts as at most `longest` tokens, together with those that the file's post-processor
  /// adds.
  ///
  /// - Throws: `TokenizerError.tooLong` or `DataError` where the added tokens alone are too many.
  public func encodeSequence(
    _ first: String, _ second: String?, longest: Int
  ) throws -> EncodedSequence {
    guard let second else { return try encodeAlone(first, longest: longest) }
    let whole = try encodePair(first, second)
    guard whole.count > longest else { return EncodedSequence(whole, isTruncated: false) }
    return EncodedSequence(try encodePair(first, second, longest: longest), isTruncated: true)
  }

  private func encodeAlone(_ text: String, longest: Int) throws(DataError) -> EncodedSequence {
    let whole = encode(text)
    let excess = whole.count - longest
    guard excess > 0 else { return EncodedSequence(whole, isTruncated: false) }
    let ownTokens = whole.isSpecial.indices.filter { !whole.isSpecial[$0] }
    let added = whole.count - ownTokens.count
    guard excess <= ownTokens.count else {
      throw DataError(
        "the tokenizer",
        "it adds \(added) tokens to a text, more than the \(longest) allowed"
      )
    }
    let dropped = Set(ownTokens.suffix(excess))
    let kept = whole.ids.indices.filter { !dropped.contains($0) }
    return EncodedSequence(
      ids: kept.map { whole.ids[$0] }, typeIDs: kept.map { whole.typeIDs[$0] }, isTruncated: true,
      lost: whole.lost)
  }
}

extension EncodedSequence {
  fileprivate init(_ encoding: Encoding, isTruncated: Bool) {
    self.init(
      ids: encoding.ids, typeIDs: encoding.typeIDs, isTruncated: isTruncated, lost: encoding.lost)
  }
}
