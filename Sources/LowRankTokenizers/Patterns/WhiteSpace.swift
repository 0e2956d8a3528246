/// The ends of white space that several patterns share.
extension ScalarClasses {
  /// `\s+(?!\S)|\s+` at byte `start`, where white space begins: the run, less its last scalar where
  /// something else follows and more than that one is left.
  @inline(__always)
  mutating func spaceBeforeWord(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let end = run(text, from: start, .space)
    guard end < text.count else { return end }
    let last = UTF8Text.start(before: end, in: text)
    return last > start ? last : end
  }

  /// `\s*[\r\n]+` at byte `start`: up to the last line end of the white space there, if any.
  @inline(__always)
  mutating func spaceWithLineEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var end = run(text, from: start, .space)
    while end > start {
      if text[end - 1] == 0x0A || text[end - 1] == 0x0D { return end }
      end -= 1
    }
    return nil
  }
}

/// `\s{2,}|[\n\r\t]`: white space that is more than one space.
struct SpaceToTidyPattern: Pattern {
  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    var at = start
    while true {
      let first = classes.run(text, from: at, .space, inverted: true)
      guard first < text.count else { return nil }
      let end = classes.run(text, from: first, .space)
      let isOne = first + UTF8Text.length(startingWith: text[first]) == end
      if !isOne || [0x09, 0x0A, 0x0D].contains(text[first]) { return first..<end }
      at = end
    }
  }
}
