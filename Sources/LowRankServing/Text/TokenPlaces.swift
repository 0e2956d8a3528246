import LowRank

/// Finds where tokens that come one by one stand in the text that they are together.
///
/// Places are counted in unicode scalars, as Python counts characters. The tokens of one character all stand where it does.
package struct TokenPlaces {
  private let tokenizer: Tokenizer
  private var decoder: StreamDecoder
  /// The scalars of the text that is certain.
  private var length = 0
  /// The bytes of a character that the last token left unfinished, and where it stands.
  private var unfinished: (bytes: [UInt8], place: Int) = ([], 0)

  /// The places in a text that follows some tokens.
  package init(_ tokenizer: Tokenizer, after tokens: [Int32] = [], skipSpecialTokens: Bool = true) {
    self.tokenizer = tokenizer
    // The last tokens suffice to know how the next ones continue them.
    decoder = StreamDecoder(
      tokenizer, after: Array(tokens.suffix(16)), skipSpecialTokens: skipSpecialTokens)
  }

  /// Adds a token and returns its place.
  package mutating func append(_ token: Int32) -> Int {
    let bytes = tokenizer.partialBytes(of: token) ?? []
    let continues = !unfinished.bytes.isEmpty && bytes.first.map(Self.isContinuation) == true
    let place = continues ? unfinished.place : length + decoder.held.unicodeScalars.count
    let run = continues ? unfinished.bytes + bytes : bytes
    let count = String(decoding: run, as: UTF8.self).unicodeScalars.count
    unfinished = (Self.unfinishedEnd(of: run), place + count - 1)
    length += decoder.append(token).unicodeScalars.count
    return place
  }

  /// The bytes at the end that begin a character and do not complete it.
  private static func unfinishedEnd(of bytes: [UInt8]) -> [UInt8] {
    guard let start = bytes.lastIndex(where: { !isContinuation($0) }) else { return [] }
    let length =
      switch bytes[start] {
      case 0xC2..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0..<0xF5: 4
      default: 1
      }
    return bytes.count - start < length ? Array(bytes[start...]) : []
  }

  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
