/// GPT-2's way: words by a pattern, then each byte of a word as one visible character.
///
/// As the last stage it leaves the bytes as they are, and the model reads them as characters; only
/// before another stage are the characters written out.
struct ByteLevelPreTokenizer: PreTokenizer {
  let addsPrefixSpace: Bool
  let splits: Bool
  var writesCharacters = false

  func apply(to text: inout PreTokenizedText, _ classes: inout ScalarClasses) {
    if addsPrefixSpace, text.needsPrefixSpace {
      text.edit { piece in
        if piece.bytes.first != 0x20 { piece.prepend([0x20]) }
      }
    }
    if splits { text.split(at: GPT2Pattern(), .isolated, &classes) }
    guard writesCharacters else { return }
    text.edit { piece in
      piece.transform(
        piece.bytes.map { byte in
          let isFirst = !UTF8Text.isContinuation(byte)
          return .init(scalar: ByteCharacters.scalar(of: byte), change: isFirst ? 0 : 1)
        })
    }
  }
}

extension PreTokenizedText {
  fileprivate var needsPrefixSpace: Bool {
    pieces.contains { $0.token < 0 && text.bytes[Int($0.start)] != 0x20 }
  }
}

/// GPT-2's one visible character for each of the 256 bytes.
enum ByteCharacters {
  /// Printable Latin-1 stands for itself; the other bytes follow from U+0100 on.
  private static func isItself(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
  }

  private static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (0...255).map { (byte: UInt8) in
      if isItself(byte) { return UInt32(byte) }
      defer { next += 1 }
      return next
    }
  }()

  private static let bytes: [UInt32: UInt8] = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($0.element, UInt8($0.offset)) })

  /// The character of a byte.
  static func scalar(of byte: UInt8) -> UInt32 { scalars[Int(byte)] }

  /// The UTF-8 of a byte's character.
  static func utf8(of byte: UInt8) -> [UInt8] {
    var result: [UInt8] = []
    UTF8Text.append(scalar(of: byte), to: &result)
    return result
  }

  /// The bytes that a token's characters stand for; none where one of them stands for no byte.
  static func bytes(of token: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in UTF8Text.scalars(token) {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }
}
