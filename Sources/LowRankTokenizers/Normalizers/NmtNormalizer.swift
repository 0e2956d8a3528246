/// Machine translation's clean text: no control characters, and a space for what looks like one.
struct NmtNormalizer: Normalizer {
  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    // Visible ASCII and spaces stay as they are.
    if text.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return }
    text.filter { !Self.isRemoved($0) }
    let scalars = UTF8Text.scalars(text.bytes)
    guard scalars.contains(where: Self.isSpace) else { return }
    text.transform(scalars.map { .init(scalar: Self.isSpace($0) ? 0x20 : $0, change: 0) })
  }

  private static func isRemoved(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: true
    default: false
    }
  }

  private static func isSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
      true
    default: false
    }
  }
}
