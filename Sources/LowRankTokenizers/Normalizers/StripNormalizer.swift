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
    var edits: [AlignedText.Edit] = []
    var dropped = 0
    for scalar in UTF8Text.scalars(text.bytes) {
      if !UnicodeProperties.isMark(scalar) {
        edits.append(.init(scalar: scalar, change: 0))
      } else if edits.isEmpty {
        dropped += 1
      } else {
        edits[edits.count - 1].change -= 1
      }
    }
    if dropped > 0 || edits.contains(where: { $0.change < 0 }) {
      text.transform(edits, dropped: dropped)
    }
  }
}
