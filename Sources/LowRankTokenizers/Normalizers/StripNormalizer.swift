/// Removes white space from the ends of a text.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    let kept = text.bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (value, length) = UTF8Text.scalar(in: bytes, at: start)
        guard UnicodeProperties.isSpace(value) else { break }
        start += length
      }
      while right, end > start {
        let last = UTF8Text.start(before: end, in: bytes)
        guard UnicodeProperties.isSpace(UTF8Text.scalar(in: bytes, at: last).value) else { break }
        end = last
      }
      return start..<end
    }
    text.crop(to: kept)
  }
}

/// Removes combining marks.
struct StripAccentsNormalizer: Normalizer {
  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    text.filter { !UnicodeProperties.isMark($0) }
  }
}
