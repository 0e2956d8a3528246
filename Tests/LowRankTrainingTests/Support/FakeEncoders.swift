import LowRankTraining

/// An encoder whose tokens are the bytes of the text, between added tokens.
struct ByteEncoder: TextEncoder {
  var before: [Int32] = []
  var after: [Int32] = []

  func encodeForTraining(_ text: String) -> EncodedText {
    let bytes = Array(text.utf8)
    let added = 0..<0
    return EncodedText(
      ids: before + bytes.map(Int32.init) + after,
      offsets: before.map { _ in added } + bytes.indices.map { $0..<$0 + 1 }
        + after.map { _ in added }
    )
  }
}

extension ByteEncoder {
  func encodeRendered(_ text: String) -> EncodedText { ByteEncoder().encodeForTraining(text) }
}

/// An encoder whose tokens are words with the space before them, as byte-level vocabularies have them; the
/// id is the number of bytes.
struct WordEncoder: TextEncoder {
  func encodeForTraining(_ text: String) -> EncodedText {
    var result = EncodedText(ids: [], offsets: [])
    let bytes = Array(text.utf8)
    var start = 0
    for position in bytes.indices.dropFirst() where bytes[position] == UInt8(ascii: " ") {
      result.append(start..<position)
      start = position
    }
    if start < bytes.count { result.append(start..<bytes.count) }
    return result
  }

  func encodeRendered(_ text: String) -> EncodedText { encodeForTraining(text) }
}

extension EncodedText {
  fileprivate mutating func append(_ range: Range<Int>) {
    ids.append(Int32(range.count))
    offsets.append(range)
  }
}

/// An encoder of sequences whose tokens are the bytes of the texts: none is added where `end` is nil,
/// else one after each text.
struct ByteSequenceEncoder: SequenceEncoder {
  var end: Int32? = 256

  func encodeSequence(
    _ first: String, _ second: String?, longest: Int
  ) throws -> EncodedSequence {
    var texts = [first, second].compactMap { $0.map { Array($0.utf8) } }
    let room = longest - (end == nil ? 0 : texts.count)
    var isTruncated = false
    while texts.joined().count > room,
      let longer = texts.indices.max(by: { a, b in
        texts[a].count < texts[b].count
      })
    {
      texts[longer].removeLast()
      isTruncated = true
    }
    let parts = texts.map { $0.map(Int32.init) + (end.map { [$0] } ?? []) }
    return EncodedSequence(
      ids: Array(parts.joined()),
      typeIDs: parts.enumerated().flatMap { index, part in part.map { _ in Int32(index) } },
      isTruncated: isTruncated)
  }
}
