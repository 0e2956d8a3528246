/// Finding, splitting and replacing, on bytes: in UTF-8 no character is found inside another.
extension Text {
  /// Where a text begins in the bytes from an offset on; linear in both lengths.
  func offset(of part: Text, from start: Int = 0) -> Int? {
    guard start + part.bytes.count <= bytes.count else { return nil }
    let sought = part.bytes
    if sought.isEmpty { return start }
    // How much of the beginning ends at each position, to go on from after a mismatch.
    var borders = [Int](repeating: 0, count: sought.count)
    var length = 0
    for position in 1..<max(1, sought.count) {
      while length > 0, sought[position] != sought[length] { length = borders[length - 1] }
      if sought[position] == sought[length] { length += 1 }
      borders[position] = length
    }
    length = 0
    for position in start..<bytes.count {
      while length > 0, bytes[position] != sought[length] { length = borders[length - 1] }
      if bytes[position] == sought[length] { length += 1 }
      if length == sought.count { return position + 1 - length }
    }
    return nil
  }

  func contains(_ part: Text) -> Bool { offset(of: part) != nil }

  func hasPrefix(_ part: Text) -> Bool { bytes.starts(with: part.bytes) }

  func hasSuffix(_ part: Text) -> Bool {
    bytes.count >= part.bytes.count && bytes[(bytes.count - part.bytes.count)...] == part.bytes[...]
  }

  func slice(_ range: Range<Int>) -> Text { Text(bytes: Array(bytes[range])) }

  /// Where a text stands without overlap, from the left.
  func offsets(of part: Text, limit: Int = .max) -> [Int] {
    var found: [Int] = []
    var at = 0
    while found.count < limit, let offset = offset(of: part, from: at) {
      found.append(offset)
      at = offset + part.bytes.count
    }
    return found
  }

  /// Where a text stands without overlap, from the right; descending.
  func offsetsFromEnd(of part: Text, limit: Int) -> [Int] {
    let backward = Text(bytes: bytes.reversed())
    return backward.offsets(of: Text(bytes: part.bytes.reversed()), limit: limit)
      .map { bytes.count - part.bytes.count - $0 }
  }

  /// The parts between separators, splitting at most so often from the left.
  func split(_ separator: Text, limit: Int) -> [Text] {
    cut(offsets(of: separator, limit: limit), length: separator.bytes.count)
  }

  func splitFromEnd(_ separator: Text, limit: Int) -> [Text] {
    cut(offsetsFromEnd(of: separator, limit: limit).reversed(), length: separator.bytes.count)
  }

  private func cut(_ offsets: [Int], length: Int) -> [Text] {
    var parts: [Text] = []
    var start = 0
    for offset in offsets {
      parts.append(slice(start..<offset))
      start = offset + length
    }
    return parts + [slice(start..<bytes.count)]
  }

  /// The words between white space, splitting at most so often from the left.
  func words(limit: Int) -> [Text] {
    var words: [Text] = []
    var at = Whitespace.end(in: bytes, from: 0)
    while at < bytes.count {
      if words.count == limit {
        words.append(slice(at..<bytes.count))
        break
      }
      var end = at
      while end < bytes.count, Whitespace.length(in: bytes, at: end) == 0 { end += 1 }
      words.append(slice(at..<end))
      at = Whitespace.end(in: bytes, from: end)
    }
    return words
  }

  func wordsFromEnd(limit: Int) -> [Text] {
    var words: [Text] = []
    var end = Whitespace.start(in: bytes, before: bytes.count)
    while end > 0 {
      if words.count == limit {
        words.append(slice(0..<end))
        break
      }
      var start = end
      while start > 0, Whitespace.length(in: bytes, before: start) == 0 { start -= 1 }
      words.append(slice(start..<end))
      end = Whitespace.start(in: bytes, before: start)
    }
    return words.reversed()
  }

  /// With a text replaced wherever it stands; nothing at all stands between all code points.
  func replacing(_ old: Text, with new: Text, limit: Int) -> Text {
    var found = old.isEmpty ? self.offsets : offsets(of: old, limit: limit)
    if found.count > limit { found.removeLast(found.count - limit) }
    var result: [UInt8] = []
    var at = 0
    for offset in found {
      result += bytes[at..<offset]
      result += new.bytes
      at = offset + old.bytes.count
    }
    return Text(bytes: result + bytes[at...])
  }

  /// The lines, by all the line ends that Python knows.
  func lines(keepingEnds: Bool) -> [Text] {
    var lines: [Text] = []
    var start = 0
    var at = 0
    while at < bytes.count {
      let length = lineEnd(at)
      guard length > 0 else {
        at += 1
        continue
      }
      lines.append(slice(start..<(keepingEnds ? at + length : at)))
      at += length
      start = at
    }
    if start < bytes.count { lines.append(slice(start..<bytes.count)) }
    return lines
  }

  private func lineEnd(_ at: Int) -> Int {
    func has(_ other: [UInt8]) -> Bool { bytes[at...].starts(with: other) }
    switch bytes[at] {
    case 0x0d: return has([0x0d, 0x0a]) ? 2 : 1
    case 0x0a, 0x0b, 0x0c, 0x1c, 0x1d, 0x1e: return 1
    case 0xc2: return has([0xc2, 0x85]) ? 2 : 0
    case 0xe2: return has([0xe2, 0x80, 0xa8]) || has([0xe2, 0x80, 0xa9]) ? 3 : 0
    default: return 0
    }
  }

  /// Without the given characters, or white space, at its ends.
  func stripped(_ characters: Text?, left: Bool = true, right: Bool = true) -> Text {
    guard let characters else {
      let end = right ? Whitespace.start(in: bytes, before: bytes.count) : bytes.count
      return slice((left ? min(Whitespace.end(in: bytes, from: 0), end) : 0)..<end)
    }
    let set = Set(characters.scalars)
    var scalars = Array(self.scalars)[...]
    while left, let first = scalars.first, set.contains(first) { scalars.removeFirst() }
    while right, let last = scalars.last, set.contains(last) { scalars.removeLast() }
    return Text(scalars)
  }
}
