/// Puts a string before every text that is not empty.
struct PrependNormalizer: Normalizer {
  let content: [UInt8]

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) { text.prepend(content) }
}
