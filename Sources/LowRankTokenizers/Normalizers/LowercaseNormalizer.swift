/// Exchanges each scalar for its lower case, whatever stands around it.
struct LowercaseNormalizer: Normalizer {
  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    var edits: [AlignedText.Edit] = []
    edits.reserveCapacity(text.bytes.count)
    var changes = false
    for value in UTF8Text.scalars(text.bytes) {
      if value < 0x80 {
        let isUpper = value >= 0x41 && value <= 0x5A
        changes = changes || isUpper
        edits.append(.init(scalar: isUpper ? value + 0x20 : value, change: 0))
        continue
      }
      guard let scalar = Unicode.Scalar(value) else { continue }
      for (index, lower) in scalar.properties.lowercaseMapping.unicodeScalars.enumerated() {
        changes = changes || lower != scalar
        edits.append(.init(scalar: lower.value, change: index == 0 ? 0 : 1))
      }
    }
    if changes { text.transform(edits) }
  }
}
