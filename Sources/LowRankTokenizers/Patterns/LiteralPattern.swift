/// A string as it stands or, where `repeated`, at least so many of it in a row.
struct LiteralPattern: Pattern {
  private let literal: [UInt8]
  private let repeated: Int?

  init(_ literal: [UInt8], repeated: Int? = nil) {
    self.literal = literal
    self.repeated = repeated
  }

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    guard let first = literal.first else { return nil }
    var at = start
    while at <= text.count - literal.count {
      guard text[at] == first, isLiteral(text, at) else {
        at += 1
        continue
      }
      guard let repeated else { return at..<at + literal.count }
      var end = at + literal.count
      while end <= text.count - literal.count, isLiteral(text, end) { end += literal.count }
      if end - at >= repeated * literal.count { return at..<end }
      at = end
    }
    return nil
  }

  @inline(__always)
  private func isLiteral(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    for index in literal.indices where text[at + index] != literal[index] { return false }
    return true
  }
}
