/// The tokens that single characters or bytes are, before anything is merged.
struct Alphabet: Sendable {
  /// What one character of a word is to the model.
  enum Letter: Equatable {
    case token(Int32)
    /// Not a token, but each of its bytes is one; these are the first and the last.
    case bytes(Int32, Int32)
    case unknown
  }

  /// Whether words are bytes, each of which stands for one visible character of the vocabulary.
  let isByteLevel: Bool
  /// The token that unknown characters become; none: they are left out.
  let unknown: Int32?
  /// Whether unknown characters in a row become one token.
  let fusesUnknown: Bool

  /// Ids by byte, -1 where there is none: of bytes, or of ASCII characters.
  private let single: [Int32]
  /// Ids of `<0x00>` to `<0xFF>`, -1 where there is none; empty without fallback to bytes.
  private let fallback: [Int32]
  /// Ids of the other characters.
  private let others: PairTable<Int32>

  /// Whether characters are left out that are no token: there is no token for them, and not for each byte.
  var losesCharacters: Bool {
    unknown == nil && (isByteLevel ? single : fallback).count(where: { $0 >= 0 }) < 256
  }

  init(
    _ vocabulary: Vocabulary, isByteLevel: Bool, fallsBackToBytes: Bool, unknown: Int32?,
    fusesUnknown: Bool
  ) {
    self.isByteLevel = isByteLevel
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    let bytes = (0...255).map { UInt8($0) }
    single = bytes.map {
      vocabulary.id(of: isByteLevel ? ByteCharacters.utf8(of: $0) : [$0]) ?? -1
    }
    fallback =
      fallsBackToBytes ? bytes.map { vocabulary.id(of: Self.byteToken($0)) ?? -1 } : []
    var others = PairTable<Int32>(capacity: 0, empty: -1)
    if !isByteLevel {
      vocabulary.forEach { token, id in
        guard let first = token.first, first >= 0x80,
          token.count == UTF8Text.length(startingWith: first)
        else { return }
        others.set(0, Int32(UTF8Text.scalars(token)[0]), to: id)
      }
    }
    self.others = others
  }

  /// `<0x0A>` for a line end.
  static func byteToken(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
  }

  /// What the character at byte `at` is, and its length in bytes.
  @inline(__always)
  func letter(
    in word: UnsafeBufferPointer<UInt8>, at: Int
  ) -> (letter: Letter, length: Int) {
    let byte = word[at]
    if byte < 0x80 || isByteLevel {
      let id = single[Int(byte)]
      if id >= 0 { return (.token(id), 1) }
      return (bytes(word, at, 1), 1)
    }
    let (scalar, length) = UTF8Text.scalar(in: word, at: at)
    if let id = others[0, Int32(scalar)] { return (.token(id), length) }
    return (bytes(word, at, length), length)
  }

  private func bytes(
    _ word: UnsafeBufferPointer<UInt8>, _ at: Int, _ length: Int
  ) -> Letter {
    guard !fallback.isEmpty, word[at..<at + length].allSatisfy({ fallback[Int($0)] >= 0 }) else {
      return .unknown
    }
    return .bytes(fallback[Int(word[at])], fallback[Int(word[at + length - 1])])
  }

  /// Appends a word's letters to a list.
  func spell(_ word: UnsafeBufferPointer<UInt8>, in list: inout [WordToken]) {
    var pending: WordToken?
    var at = 0
    while at < word.count {
      let (letter, length) = letter(in: word, at: at)
      let end = at + length
      switch letter {
      case .token(let id):
        if let known = pending { list.append(known) }
        pending = nil
        list.append(WordToken(id: id, start: Int32(at), end: Int32(end)))
      case .bytes:
        for index in at..<end {
          let id = fallback[Int(word[index])]
          list.append(WordToken(id: id, start: Int32(index), end: Int32(index + 1)))
        }
      case .unknown:
        guard let unknown else { break }
        if fusesUnknown, pending != nil {
          pending?.end = Int32(end)
        } else {
          if let known = pending { list.append(known) }
          pending = WordToken(id: unknown, start: Int32(at), end: Int32(end))
        }
      }
      at = end
    }
    if let known = pending { list.append(known) }
  }

  /// The id of a whole word, if it is a token.
  func id(ofWord word: UnsafeBufferPointer<UInt8>, in vocabulary: Vocabulary) -> Int32? {
    isByteLevel
      ? vocabulary.id(of: word.flatMap(ByteCharacters.utf8(of:))) : vocabulary.id(of: word)
  }
}
