/// The added tokens, and the cutting of a text at those that it contains.
struct AddedVocabulary: Sendable {
  let tokens: [AddedToken]
  private let list: AddedTokenList
  private let texts: [Int32: [UInt8]]
  private var asWritten = TokenTrie()
  private var asNormalized = TokenTrie()

  init(
    _ list: AddedTokenList, normalizer: (any Normalizer)?, _ classes: inout ScalarClasses
  ) {
    let tokens = list.tokens
    self.list = list
    self.tokens = tokens
    var texts: [Int32: [UInt8]] = [:]
    // If two have the same normalized text, the special one is used; the reference uses either.
    let order =
      tokens.indices.filter { tokens[$0].isSpecial }
      + tokens.indices.filter { !tokens[$0].isSpecial }
    for index in order {
      let token = tokens[index]
      let written = Array(token.content.utf8)
      if token.isNormalized {
        asNormalized.insert(Self.normalized(written, normalizer, &classes), as: index)
      } else {
        asWritten.insert(written, as: index)
      }
      // The latest token of the id that normalizing changed is written so, whatever token has the id since.
      texts[token.id] = list.normalized[token.id, default: []].reduce(written) { text, earlier in
        let normalized = Self.normalized(earlier, normalizer, &classes)
        return normalized == earlier ? text : normalized
      }
    }
    self.texts = texts
  }

  private static func normalized(
    _ content: [UInt8], _ normalizer: (any Normalizer)?, _ classes: inout ScalarClasses
  ) -> [UInt8] {
    var text = AlignedText(content)
    normalizer?.apply(to: &text, &classes)
    return text.bytes
  }

  /// The text of the added token of an id, normalized where the token is.
  func text(of id: Int32) -> [UInt8]? { texts[id] }

  /// Whether a token's text is that of a special token.
  func isSpecial(_ token: [UInt8]) -> Bool { list.isSpecial(token) }

  /// The id of an added token.
  func id(of content: [UInt8]) -> Int32? { list.id(of: content) }

  /// Cuts a text at the tokens that are looked for as written, normalizes what is left, and cuts
  /// that at the other tokens.
  func split(
    _ bytes: [UInt8], normalizer: (any Normalizer)?, _ classes: inout ScalarClasses
  ) -> PreTokenizedText {
    var text = PreTokenizedText(text: AlignedText(bytes), pieces: [])
    text.pieces = bytes.isEmpty ? [] : [.init(0..<bytes.count)]
    if !asWritten.isEmpty { find(asWritten, in: &text) }
    if let normalizer { text.edit { normalizer.apply(to: &$0, &classes) } }
    if !asNormalized.isEmpty { find(asNormalized, in: &text) }
    return text
  }

  private func find(_ trie: TokenTrie, in text: inout PreTokenizedText) {
    var result: [PreTokenizedText.Piece] = []
    text.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in text.pieces {
        guard piece.token < 0 else {
          result.append(piece)
          continue
        }
        let start = piece.range.lowerBound
        let slice = UnsafeBufferPointer(rebasing: bytes[piece.range])
        for (range, token) in matches(trie, in: slice) {
          let moved = start + range.lowerBound..<start + range.upperBound
          result.append(.init(moved, token: token))
        }
      }
    }
    text.pieces = result
  }

  /// The parts of a text, each with the id of the token that it is or -1.
  private func matches(
    _ trie: TokenTrie, in text: UnsafeBufferPointer<UInt8>
  ) -> [(range: Range<Int>, token: Int32)] {
    var result: [(range: Range<Int>, token: Int32)] = []
    var done = 0
    var at = 0
    while let (index, match) = trie.match(in: text, from: at) {
      at = match.upperBound
      let token = tokens[index]
      if token.isSingleWord, touchesWord(match, in: text) { continue }
      let start =
        token.stripsLeft
        ? max(spaceStart(before: match.lowerBound, in: text), done)
        : match.lowerBound
      let end = token.stripsRight ? spaceEnd(after: match.upperBound, in: text) : match.upperBound
      if done < start { result.append((done..<start, -1)) }
      // Nothing is left of it where the token before took the same space along.
      if start < end { result.append((start..<end, token.id)) }
      done = end
    }
    if done < text.count { result.append((done..<text.count, -1)) }
    return result
  }

  private func touchesWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    func isWord(_ at: Int) -> Bool {
      UnicodeProperties.isWord(UTF8Text.scalar(in: text, at: at).value)
    }
    return range.lowerBound > 0 && isWord(UTF8Text.start(before: range.lowerBound, in: text))
      || range.upperBound < text.count && isWord(range.upperBound)
  }

  private func spaceStart(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end
    while start > 0 {
      let previous = UTF8Text.start(before: start, in: text)
      guard UnicodeProperties.isSpace(UTF8Text.scalar(in: text, at: previous).value) else { break }
      start = previous
    }
    return start
  }

  private func spaceEnd(after start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start
    while end < text.count {
      let (value, length) = UTF8Text.scalar(in: text, at: end)
      guard UnicodeProperties.isSpace(value) else { break }
      end += length
    }
    return end
  }
}
