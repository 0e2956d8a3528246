/// SentencePiece's way with spaces: each becomes a visible character that starts the word after it.
struct MetaspacePreTokenizer: PreTokenizer {
  /// Which pieces of the text get a leading space that they do not have.
  enum PrependScheme: String, Sendable { case always, first, never }

  var replacement = lowLine
  let prepend: PrependScheme
  var splits = true

  /// The character that SentencePiece itself uses, U+2581.
  static let lowLine = Array("▁".utf8)

  func apply(to text: inout PreTokenizedText, _ classes: inout ScalarClasses) {
    let space = LiteralPattern([0x20])
    text.edit { piece in
      let startsText = piece.bytes.isEmpty || piece.span(0).start == 0
      let spaces = piece.bytes.withUnsafeBufferPointer { space.matches(in: $0, &classes) }
      piece.replace(spaces, with: replacement)
      if prepend == .always || prepend == .first && startsText,
        !piece.bytes.starts(with: replacement)
      {
        piece.prepend(replacement)
      }
    }
    if splits { text.split(at: LiteralPattern(replacement), .mergedWithNext, &classes) }
  }
}
