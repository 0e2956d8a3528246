/// The bytes that have arrived and were not used yet.
struct InputBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  /// The position up to which no end of a header was found.
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

  /// Takes a line, without its line feed.
  mutating func takeLine() -> ArraySlice<UInt8>? {
    guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
    let line = bytes[start..<end]
    use(end + 1 - start)
    return line
  }

  /// Discards line ends, which some clients send after a body, and returns whether the buffer is then empty.
  mutating func isEmptyButForLineEnds() -> Bool {
    use(bytes[start...].prefix { $0 == 0x0D || $0 == 0x0A }.count)
    return isEmpty
  }

  /// Takes a header, without the empty line that ends it, if all of it has arrived.
  ///
  /// A bare line feed also counts as an empty line here; parsing the header then reports it.
  mutating func takeHead() -> ArraySlice<UInt8>? {
    var place = max(start, searched - 3)
    while let feed = bytes[place...].firstIndex(of: 0x0A) {
      var next = feed + 1
      if next < bytes.count, bytes[next] == 0x0D { next += 1 }
      if next < bytes.count, bytes[next] == 0x0A {
        let end = feed > start && bytes[feed - 1] == 0x0D ? feed - 1 : feed
        let head = bytes[start..<end]
        // A missing carriage return leaves a line feed in the header, so that parsing refuses it.
        let isStrict = end == feed - 1 && next == feed + 2
        use(next + 1 - start)
        return isStrict ? head : head + [0x0A]
      }
      place = feed + 1
    }
    searched = bytes.count
    return nil
  }

  /// Whether the bytes may begin a request: with a method, or the beginning of one.
  var beginsWithMethod: Bool {
    let method = bytes[start...].prefix(RequestLine.methodLimit + 1).prefix { $0 != 0x20 }
    return method.count <= RequestLine.methodLimit && method.allSatisfy(\.isToken)
  }

  /// The number of bytes up to the first line end, or of all bytes.
  var firstLineCount: Int {
    (bytes[start...].firstIndex(of: 0x0A) ?? bytes.count) - start
  }

  private mutating func use(_ count: Int) {
    start += count
    searched = start
    guard start == bytes.count else { return }
    // An idle connection holds no memory.
    (bytes, start, searched) = ([], 0, 0)
  }
}
