import LowRank

/// A prompt as the text of a completion begins with it.
struct EchoedPrompt: Sendable {
  /// The text.
  let text: String
  /// The unicode scalars of the text, which are characters for Python.
  let length: Int
  /// Where each token stands in the text, in unicode scalars.
  let places: [Int]

  /// The text that a client sent as a prompt, or the one that its tokens are.
  init(_ prompt: PromptField, _ ids: [Int32], _ texts: ServedTexts, addingSpecialTokens: Bool) {
    switch prompt {
    case .text(let text):
      self.text = text
      let encoding = texts.tokenizer.encode(text, addSpecialTokens: addingSpecialTokens)
      places = Array(Self.places(of: encoding, in: text).prefix(ids.count))
    case .tokens:
      text = texts.tokenizer.decode(ids, skipSpecialTokens: false)
      var finder = TokenPlaces(texts.tokenizer, skipSpecialTokens: false)
      places = ids.map { finder.append($0) }
    }
    length = text.unicodeScalars.count
  }

  /// Where the tokens of a text begin: behind what the ones before stand for, or with it where they share a character.
  ///
  /// White space that a tokenizer leaves out of its offsets so belongs to the token behind it. Tokens that are added around
  /// the text take no place.
  private static func places(of encoding: Encoding, in text: String) -> [Int] {
    // The scalars that begin before each byte.
    var counts = [0]
    for byte in text.utf8 {
      counts.append(counts[counts.count - 1] + (byte & 0xC0 == 0x80 ? 0 : 1))
    }
    var end = 0
    return zip(encoding.offsets, encoding.isSpecial).map { range, isSpecial in
      guard !isSpecial else { return counts[end] }
      defer { end = max(end, range.upperBound) }
      return counts[min(end, range.lowerBound)]
    }
  }
}
