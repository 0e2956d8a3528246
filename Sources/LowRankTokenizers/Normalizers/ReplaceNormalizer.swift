/// Puts a string in the place of every match of a pattern.
struct ReplaceNormalizer: Normalizer {
  let pattern: any Pattern
  let content: [UInt8]

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    text.replace(
      text.bytes.withUnsafeBufferPointer { pattern.matches(in: $0, &classes) }, with: content)
  }
}
