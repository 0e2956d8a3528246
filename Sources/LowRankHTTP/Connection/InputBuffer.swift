/// What has arrived and was not used yet.
struct InputBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  /// How far no end of a header was found.
  private var searched = 0

  var count: Int { bytes.count - start }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    if start > 0 {
      bytes.removeFirst(start)
      (searched, start) = (searched - start, 0)
    }
    bytes.append(contentsOf: more)
  }

  mutating func take(upTo limit: Int) -> [UInt8] {
    let taken = Array(bytes[start..<start + min(limit, count)])
    use(taken.count)
    return taken
  }

  /// Takes a line, up to its line feed but without it.
  mutating func takeLine() -> ArraySlice<UInt8>? {
    guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
    let line = bytes[start..<end]
    use(end + 1 - start)
    return line
  }

  /// Takes line ends, which some clients send behind a body, and says whether nothing else is there.
  mutating func isEmptyButForLineEnds() -> Bool {
    use(bytes[start...].prefix { $0 == 0x0D || $0 == 0x0A }.count)
    return isEmpty
  }

  /// Takes a header up to its empty line, without it, if all of it is there.
  ///
  /// An empty line that ends in a line feed alone ends it too; reading it finds the fault.
  mutating func takeHead() -> ArraySlice<UInt8>? {
    var place = max(start, searched - 3)
    while let feed = bytes[place...].firstIndex(of: 0x0A) {
      var next = feed + 1
      if next < bytes.count, bytes[next] == 0x0D { next += 1 }
      if next < bytes.count, bytes[next] == 0x0A {
        let end = feed > start && bytes[feed - 1] == 0x0D ? feed - 1 : feed
        let head = bytes[start..<end]
        // A line end without its carriage return is kept, so that reading the header refuses it.
        let isStrict = end == feed - 1 && next == feed + 2
        use(next + 1 - start)
        return isStrict ? head : head + [0x0A]
      }
      place = feed + 1
    }
    searched = bytes.count
    return nil
  }

  /// Whether it may be the beginning of a request: a method, or one before a space.
  var beginsWithMethod: Bool {
    let method = bytes[start...].prefix(RequestLine.methodLimit + 1).prefix { $0 != 0x20 }
    return method.count <= RequestLine.methodLimit && method.allSatisfy(\.isToken)
  }

  /// The bytes up to the first line end, or all.
  var firstLineCount: Int {
    (bytes[start...].firstIndex(of: 0x0A) ?? bytes.count) - start
  }

  private mutating func use(_ count: Int) {
    start += count
    searched = start
    guard start == bytes.count else { return }
    // A connection that waits holds no memory.
    (bytes, start, searched) = ([], 0, 0)
  }
}
