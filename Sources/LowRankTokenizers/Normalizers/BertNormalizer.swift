/// BERT's way with a text: cleaned, its Chinese characters apart, its accents off, in lower case.
struct BertNormalizer: Normalizer {
  let cleansText: Bool
  let separatesChinese: Bool
  let stripsAccents: Bool
  let lowercases: Bool

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    if cleansText { cleanse(&text) }
    if separatesChinese { separateChinese(&text) }
    if stripsAccents {
      UnicodeNormalizer.nfd.apply(to: &text, &classes)
      text.filter { !UnicodeProperties.isNonspacingMark($0) }
    }
    if lowercases { LowercaseNormalizer().apply(to: &text, &classes) }
  }

  /// Removes what cannot be seen, and makes a space of every kind of white space.
  private func cleanse(_ text: inout AlignedText) {
    // Printable ASCII stays as it is.
    if text.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return }
    text.filter { $0 != 0 && $0 != 0xFFFD && !Self.isControl($0) }
    text.transform(
      UTF8Text.scalars(text.bytes).map {
        .init(scalar: UnicodeProperties.isSpace($0) ? 0x20 : $0, change: 0)
      })
  }

  private func separateChinese(_ text: inout AlignedText) {
    let scalars = UTF8Text.scalars(text.bytes)
    guard scalars.contains(where: Self.isChinese) else { return }
    var edits: [AlignedText.Edit] = []
    edits.reserveCapacity(scalars.count * 3)
    for scalar in scalars {
      guard Self.isChinese(scalar) else {
        edits.append(.init(scalar: scalar, change: 0))
        continue
      }
      edits.append(.init(scalar: 0x20, change: 0))
      edits.append(.init(scalar: scalar, change: 1))
      edits.append(.init(scalar: 0x20, change: 1))
    }
    text.transform(edits)
  }

  /// Control and format characters as of Unicode 8, and those for private use; tabs and the ends of
  /// lines are white space.
  private static func isControl(_ value: UInt32) -> Bool {
    if value < 0x80 {
      return value < 0x20 && value != 0x09 && value != 0x0A && value != 0x0D || value == 0x7F
    }
    guard let scalar = Unicode.Scalar(value) else { return false }
    switch scalar.properties.generalCategory {
    case .control, .privateUse: return true
    case .format: return UnicodeProperties.isKnown(scalar, in: UnicodeProperties.punctuation)
    default: return false
    }
  }

  /// The blocks of ideographs as the reference lists them, one of which it starts too late.
  private static func isChinese(_ value: UInt32) -> Bool {
    switch value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}

extension JSONSection {
  /// BERT's normalizer; where nothing is said of accents, they go where upper case goes.
  func bertNormalizer() throws(TokenizerError) -> BertNormalizer {
    let lowercases = try bool("lowercase", default: true)
    return BertNormalizer(
      cleansText: try bool("clean_text", default: true),
      separatesChinese: try bool("handle_chinese_chars", default: true),
      stripsAccents: try bool("strip_accents", default: lowercases),
      lowercases: lowercases)
  }
}
