/// SentencePiece's own normalization: characters and short clusters of them by a compiled map.
struct PrecompiledNormalizer: Normalizer {
  let map: CharacterMap

  /// Longer clusters are only looked up scalar by scalar.
  private static let longestCluster = 5

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    var edits = Edits()
    edits.list.reserveCapacity(text.bytes.count)
    text.bytes.withUnsafeBufferPointer { bytes in
      for cluster in Self.clusters(bytes) {
        let whole = UnsafeBufferPointer(rebasing: bytes[cluster])
        if cluster.count <= Self.longestCluster, let new = map.replacement(of: whole) {
          edits.replace(whole, with: new)
          continue
        }
        var at = cluster.lowerBound
        while at < cluster.upperBound {
          let (value, length) = UTF8Text.scalar(in: bytes, at: at)
          let scalar = UnsafeBufferPointer(rebasing: bytes[at..<at + length])
          if let new = map.replacement(of: scalar) {
            edits.replace(scalar, with: new)
          } else {
            edits.list.append(.init(scalar: value, change: 0))
          }
          at += length
        }
      }
    }
    // The reference forgets what it dropped, and takes the first character left for the text's first.
    if edits.changes { text.transform(edits.list, dropped: edits.dropped, joinsDropped: true) }
  }

  /// The user-perceived characters of a text.
  private static func clusters(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      // A visible ASCII character before another, as most are, is one by itself.
      if bytes[at] < 0x80, bytes[at] != 0x0D, at + 1 == bytes.count || bytes[at + 1] < 0x80 {
        result.append(at..<at + 1)
        at += 1
        continue
      }
      var end = at + 1
      while end < bytes.count, !isBoundary(bytes, end) { end += 1 }
      let text = String(decoding: bytes[at..<end], as: UTF8.self)
      for character in text {
        let length = character.utf8.count
        result.append(at..<at + length)
        at += length
      }
    }
    return result
  }

  /// Whether a cluster ends before byte `at` whatever stands around: between two characters of ASCII,
  /// but for the two of a line's end.
  private static func isBoundary(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    bytes[at - 1] < 0x80 && bytes[at] < 0x80 && !(bytes[at - 1] == 0x0D && bytes[at] == 0x0A)
  }
}

/// The new scalars of a text as replacements come in.
private struct Edits {
  var list: [AlignedText.Edit] = []
  /// How many scalars went before the first that is left.
  var dropped = 0
  var changes = false

  mutating func replace(_ old: UnsafeBufferPointer<UInt8>, with new: ArraySlice<UInt8>) {
    changes = true
    let before = old.reduce(0) { $0 + (UTF8Text.isContinuation($1) ? 0 : 1) }
    let first = list.count
    for scalar in UTF8Text.scalars(Array(new)) { list.append(.init(scalar: scalar, change: 0)) }
    let difference = list.count - first - before
    if difference > 0 {
      for index in list.indices.suffix(difference) { list[index].change = 1 }
    } else if list.isEmpty {
      dropped -= difference
    } else {
      list[list.count - 1].change += difference
    }
  }
}
