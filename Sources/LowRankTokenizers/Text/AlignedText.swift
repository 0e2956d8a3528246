/// A text on its way through the normalizers, each byte of which knows where it comes from.
///
/// `bytes` is UTF-8. Byte *i* stands for the original text's bytes `span(i)`, always whole scalars.
/// As long as nothing has changed there are no spans to keep: the text is the original's, from byte
/// `origin` on.
struct AlignedText: Sendable {
  /// A range of bytes of the original text.
  struct Span: Sendable {
    var start: Int32
    var end: Int32
  }

  private(set) var bytes: [UInt8]
  private var spans: [Span]?
  private let origin: Int

  /// A piece of the original text that starts at its byte `origin`.
  init(_ bytes: some Sequence<UInt8>, origin: Int = 0) {
    self.bytes = Array(bytes)
    self.origin = origin
  }

  /// What byte `index` stands for.
  func span(_ index: Int) -> Span {
    if let spans { return spans[index] }
    let range = bytes.withUnsafeBufferPointer { Self.scalar(around: index, in: $0) }
    return Span(start: Int32(origin + range.lowerBound), end: Int32(origin + range.upperBound))
  }

  /// The scalar that byte `index` belongs to.
  private static func scalar(
    around index: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    var start = index
    while UTF8Text.isContinuation(bytes[start]) { start -= 1 }
    return start..<start + UTF8Text.length(startingWith: bytes[start])
  }

  /// The original's bytes that a range of this text stands for; the range must not be empty.
  @inline(__always)
  func original(of range: Range<Int>) -> Range<Int> {
    guard let spans else {
      return bytes.withUnsafeBufferPointer { bytes in
        var start = range.lowerBound
        var end = range.upperBound
        while UTF8Text.isContinuation(bytes[start]) { start -= 1 }
        while end < bytes.count, UTF8Text.isContinuation(bytes[end]) { end += 1 }
        return origin + start..<origin + end
      }
    }
    let start = Int(spans[range.lowerBound].start)
    return start..<max(start, Int(spans[range.upperBound - 1].end))
  }

  private func explicitSpans() -> [Span] {
    if let spans { return spans }
    var result: [Span] = []
    result.reserveCapacity(bytes.count + bytes.count / 2)
    var at = 0
    while at < bytes.count {
      let length = UTF8Text.length(startingWith: bytes[at])
      let span = Span(start: Int32(origin + at), end: Int32(origin + at + length))
      for _ in 0..<length { result.append(span) }
      at += length
    }
    return result
  }
}

extension AlignedText {
  /// Puts `content` before the text; it stands for the text's first scalar.
  ///
  /// An empty text stays empty.
  mutating func prepend(_ content: [UInt8]) {
    guard !bytes.isEmpty, !content.isEmpty else { return }
    var spans = explicitSpans()
    let first = spans[0]
    spans.insert(contentsOf: repeatElement(first, count: content.count), at: 0)
    bytes.insert(contentsOf: content, at: 0)
    self.spans = spans
  }

  /// Puts `content` in the place of each range; it stands for the last scalar of that range.
  mutating func replace(_ ranges: [Range<Int>], with content: [UInt8]) {
    guard !ranges.isEmpty else { return }
    let old = explicitSpans()
    var newSpans: [Span] = []
    var newBytes: [UInt8] = []
    newSpans.reserveCapacity(old.count + ranges.count * content.count)
    newBytes.reserveCapacity(old.count + ranges.count * content.count)
    var copied = 0
    for range in ranges {
      newBytes.append(contentsOf: bytes[copied..<range.lowerBound])
      newSpans.append(contentsOf: old[copied..<range.lowerBound])
      newBytes.append(contentsOf: content)
      newSpans.append(
        contentsOf: repeatElement(old[range.upperBound - 1], count: content.count))
      copied = range.upperBound
    }
    newBytes.append(contentsOf: bytes[copied...])
    newSpans.append(contentsOf: old[copied...])
    bytes = newBytes
    spans = newSpans
  }

  /// Keeps a range and nothing else.
  mutating func crop(to range: Range<Int>) {
    guard range != 0..<bytes.count else { return }
    spans = Array(explicitSpans()[range])
    bytes = Array(bytes[range])
  }

  /// A scalar of a new text, and what became of the old one's.
  struct Edit {
    var scalar: UInt32
    /// 1: added; 0: in the place of the next old scalar; -n: the same, and *n* more are gone.
    var change: Int
  }

  /// Exchanges the whole text, scalar by scalar; the first `dropped` old scalars are gone, or the
  /// first new one stands for them as well.
  mutating func transform(_ edits: [Edit], dropped: Int = 0, joinsDropped: Bool = false) {
    let old = explicitSpans()
    var newSpans: [Span] = []
    var newBytes: [UInt8] = []
    newSpans.reserveCapacity(old.count)
    newBytes.reserveCapacity(old.count)
    var at = 0
    func skip() {
      if at < bytes.count { at += UTF8Text.length(startingWith: bytes[at]) }
    }
    for _ in 0..<dropped { skip() }
    for edit in edits {
      let span = edit.change > 0 && at > 0 ? old[at - 1] : old[at]
      if edit.change <= 0 {
        for _ in 0...(-edit.change) { skip() }
      }
      UTF8Text.append(edit.scalar, to: &newBytes)
      while newSpans.count < newBytes.count { newSpans.append(span) }
    }
    if joinsDropped, dropped > 0, let first = newBytes.first {
      for byte in 0..<UTF8Text.length(startingWith: first) { newSpans[byte].start = old[0].start }
    }
    bytes = newBytes
    spans = newSpans
  }

  /// Keeps the scalars that satisfy a condition.
  mutating func filter(_ isKept: (UInt32) -> Bool) {
    var edits: [Edit] = []
    edits.reserveCapacity(bytes.count)
    var dropped = 0
    for scalar in UTF8Text.scalars(bytes) {
      if isKept(scalar) {
        edits.append(.init(scalar: scalar, change: 0))
      } else if edits.isEmpty {
        dropped += 1
      } else {
        edits[edits.count - 1].change -= 1
      }
    }
    if dropped > 0 || edits.contains(where: { $0.change < 0 }) {
      transform(edits, dropped: dropped)
    }
  }

  /// Adds a text that continues the original where this one ends.
  mutating func append(_ other: AlignedText) {
    if spans == nil, other.spans == nil, origin + bytes.count == other.origin {
      bytes.append(contentsOf: other.bytes)
      return
    }
    if spans == nil { spans = explicitSpans() }
    spans?.append(contentsOf: other.explicitSpans())
    bytes.append(contentsOf: other.bytes)
  }

  /// A part of the text, on its own.
  func slice(_ range: Range<Int>) -> AlignedText {
    guard let spans else { return AlignedText(bytes[range], origin: origin + range.lowerBound) }
    var result = AlignedText(bytes[range])
    result.spans = Array(spans[range])
    return result
  }
}
