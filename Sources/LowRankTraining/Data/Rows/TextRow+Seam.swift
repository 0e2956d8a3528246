extension TextRow {
  /// Where a prompt and its completion meet without anything between two words, as `…dogYes`; nil if they do not.
  ///
  /// - Parameter separator: what stands between them.
  func seam(_ separator: String) -> String? {
    guard case .completion(let prompt, let completion) = self, separator.isEmpty,
      let last = prompt.unicodeScalars.last, let first = completion.unicodeScalars.first,
      last.isOfSpacedWord, first.isOfSpacedWord
    else { return nil }
    func word(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
      Array(scalars.prefix { $0.isOfSpacedWord }.prefix(12))
    }
    let whole = word(prompt.unicodeScalars.reversed()).reversed() + word(completion.unicodeScalars)
    return "…" + String(String.UnicodeScalarView(whole))
  }
}

extension Unicode.Scalar {
  /// Whether it is a letter or digit of a script that separates words by spaces: Latin, Greek, Cyrillic or Armenian.
  fileprivate var isOfSpacedWord: Bool {
    value < 0x0590 && (properties.isAlphabetic || properties.numericType != nil)
  }
}
