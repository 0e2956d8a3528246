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
}

extension EncodedText {
  fileprivate mutating func append(_ range: Range<Int>) {
    ids.append(Int32(range.count))
    offsets.append(range)
  }
}
