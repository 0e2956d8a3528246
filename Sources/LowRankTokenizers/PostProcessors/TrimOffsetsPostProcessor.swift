/// Takes the white space at the ends of tokens out of their offsets: `ByteLevel` of the file.
struct TrimOffsetsPostProcessor: PostProcessor {
  /// Whether a single space at the start of the text was put there and is nobody's.
  let addsPrefixSpace: Bool

  func apply(to encodings: inout [Encoding], of texts: [[UInt8]], _ context: PostProcessing) {
    for (index, text) in zip(encodings.indices, texts) {
      trim(&encodings[index], of: text, context)
    }
  }

  private func trim(_ encoding: inout Encoding, of text: [UInt8], _ context: PostProcessing) {
    var known: [Int32: (leading: Int, trailing: Int)] = [:]
    text.withUnsafeBufferPointer { text in
      for (index, id) in encoding.ids.enumerated() {
        var (start, end) = (encoding.offsets[index].lowerBound, encoding.offsets[index].upperBound)
        // An added token may have taken white space along: what counts is what it was found as.
        let (leading, trailing): (Int, Int)
        if let spaces = known[id] {
          (leading, trailing) = spaces
        } else if let token = context.modelToken(id) {
          (leading, trailing) = Self.spaces(of: token)
          known[id] = (leading, trailing)
        } else {
          (leading, trailing) = Self.spaces(of: Array(text[start..<end]))
        }
        if leading > 0, !(addsPrefixSpace && leading == 1 && (index == 0 || start == 0)) {
          start = Self.move(start, by: leading, upTo: end, in: text)
        }
        if trailing > 0 { end = Self.move(end, backBy: trailing, downTo: start, in: text) }
        encoding.offsets[index] = start..<end
      }
    }
  }

  /// The numbers of white space characters at the ends of a token.
  private static func spaces(of token: [UInt8]) -> (leading: Int, trailing: Int) {
    let space = ByteCharacters.scalar(of: 0x20)
    let isSpace = UTF8Text.scalars(token).map { $0 == space || UnicodeProperties.isSpace($0) }
    return (isSpace.prefix { $0 }.count, isSpace.reversed().prefix { $0 }.count)
  }

  /// `count` characters further on, at most to `end`.
  private static func move(
    _ start: Int, by count: Int, upTo end: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var at = start
    for _ in 0..<count where at < end { at += UTF8Text.length(startingWith: text[at]) }
    return at
  }

  /// `count` characters back, at least to `start`; where there are not as many before, not at all.
  private static func move(
    _ end: Int, backBy count: Int, downTo start: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var at = end
    for _ in 0..<count {
      guard at > 0 else { return end }
      at = UTF8Text.start(before: at, in: text)
    }
    return max(at, start)
  }
}
