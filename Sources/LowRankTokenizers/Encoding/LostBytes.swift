/// The parts of a text that no token stands for, though a word holds them.
struct LostBytes {
  /// The ranges of the original text, in order, none of them twice.
  private var ranges: [Range<Int>] = []

  /// Adds the bytes of a word that its tokens do not cover.
  mutating func add(_ word: Range<Int>, without tokens: ArraySlice<WordToken>, _ text: AlignedText)
  {
    var at = word.lowerBound
    for token in tokens {
      add(at..<max(at, Int(token.start)), text)
      at = max(at, Int(token.end))
    }
    add(at..<max(at, word.upperBound), text)
  }

  private mutating func add(_ gap: Range<Int>, _ text: AlignedText) {
    guard !gap.isEmpty else { return }
    let range = text.original(of: gap)
    // A character of several bytes has one range for each of them.
    guard !range.isEmpty, range.lowerBound >= ranges.last?.upperBound ?? 0 else { return }
    ranges.append(range)
  }

  /// What stands there in the original text.
  func text(of original: [UInt8]) -> String {
    ranges.reduce(into: "") { $0 += String(decoding: original[$1], as: UTF8.self) }
  }
}
