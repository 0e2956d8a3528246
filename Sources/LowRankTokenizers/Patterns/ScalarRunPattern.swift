/// A run of scalars of one kind, at most `limit` of them.
struct ScalarRunPattern: Pattern {
  private let flags: ScalarClasses.Flags
  private let inverted: Bool
  private let limit: Int

  init(_ flags: ScalarClasses.Flags, inverted: Bool = false, limit: Int = .max) {
    self.flags = flags
    self.inverted = inverted
    self.limit = limit
  }

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    let first = classes.run(text, from: start, flags, inverted: !inverted)
    guard first < text.count else { return nil }
    return first..<classes.run(text, from: first, flags, inverted: inverted, limit: limit)
  }
}

/// Single scalars that satisfy a condition.
struct ScalarPattern: Pattern {
  private let isWanted: @Sendable (UInt32) -> Bool

  init(_ isWanted: @escaping @Sendable (UInt32) -> Bool) { self.isWanted = isWanted }

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    var at = start
    while at < text.count {
      let (value, length) = UTF8Text.scalar(in: text, at: at)
      if isWanted(value) { return at..<at + length }
      at += length
    }
    return nil
  }
}

/// `\w+|[^\w\s]+`: words, and runs of what is neither word nor space.
struct WordOrSymbolPattern: Pattern {
  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    var at = start
    while at < text.count {
      let (value, length) = UTF8Text.scalar(in: text, at: at)
      guard UnicodeProperties.isSpace(value) else { break }
      at += length
    }
    guard at < text.count else { return nil }
    let first = at
    let isWord = UnicodeProperties.isWord(UTF8Text.scalar(in: text, at: at).value)
    while at < text.count {
      let (value, length) = UTF8Text.scalar(in: text, at: at)
      guard UnicodeProperties.isWord(value) == isWord, !UnicodeProperties.isSpace(value) else {
        break
      }
      at += length
    }
    return first..<at
  }
}
