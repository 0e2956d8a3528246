/// Properties of scalars, each as of the Unicode version that the reference uses for it.
///
/// Swift's own tables are newer than some of the reference's: a character added later is unknown
/// there, so every property asks for the scalar's age first. PyPI `tokenizers` 0.23 uses Unicode
/// 16 in regular expressions, 17 for white space, numerals and lower case, 9 for normalization and
/// accents, 8 for punctuation and what BERT takes out.
enum UnicodeProperties {
  static let patterns = 16
  static let normalization = 9
  static let punctuation = 8

  /// Whether the scalar was assigned in a version of Unicode.
  static func isKnown(_ scalar: Unicode.Scalar, in version: Int) -> Bool {
    scalar.isASCII || (scalar.properties.age.map { $0.major <= version } ?? false)
  }

  static func isSpace(_ value: UInt32) -> Bool {
    if value < 0x80 { return value == 0x20 || (value >= 0x09 && value <= 0x0D) }
    return Unicode.Scalar(value)?.properties.isWhitespace ?? false
  }

  static func isNumeral(_ value: UInt32) -> Bool {
    if value < 0x80 { return value >= 0x30 && value <= 0x39 }
    switch Unicode.Scalar(value)?.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }

  /// All of ASCII's punctuation and symbols, and what Unicode 8 called punctuation.
  static func isPunctuation(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    if value < 0x80 {
      return value > 0x20 && value < 0x7F && !scalar.properties.isAlphabetic && !isNumeral(value)
    }
    // These two were punctuation then and are not now.
    if value == 0x166D || value == 0x111C9 { return true }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return isKnown(scalar, in: punctuation)
    default: return false
    }
  }

  /// A combining mark, as of Unicode 9.
  static func isMark(_ value: UInt32) -> Bool {
    guard value >= 0x300, let scalar = Unicode.Scalar(value) else { return false }
    // These were spacing marks then and are letters now, and the other way round.
    if value == 0x1CF2 || value == 0x1CF3 { return true }
    if value == 0x111C9 { return false }
    return isMark(scalar.properties) && isKnown(scalar, in: normalization)
  }

  /// A mark that takes no room of its own, as of Unicode 8.
  static func isNonspacingMark(_ value: UInt32) -> Bool {
    guard value >= 0x300, let scalar = Unicode.Scalar(value) else { return false }
    switch value {
    // These were such marks then and are spacing ones now; the others the other way round.
    case 0x1734, 0x1171E: return true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
    default:
      return scalar.properties.generalCategory == .nonspacingMark
        && isKnown(scalar, in: punctuation)
    }
  }

  static func isMark(_ properties: Unicode.Scalar.Properties) -> Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  /// A word character (`\w`) of the reference's plain regular expressions.
  static func isWord(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    let properties = scalar.properties
    let isWord =
      properties.isAlphabetic || properties.isJoinControl || isMark(properties)
      || properties.generalCategory == .decimalNumber
      || properties.generalCategory == .connectorPunctuation
    return isWord && isKnown(scalar, in: patterns)
  }

  /// The canonical combining class, as of Unicode 9: newer marks do not move.
  static func combiningClass(_ value: UInt32) -> UInt8 {
    guard value >= 0x300, let scalar = Unicode.Scalar(value),
      isKnown(scalar, in: normalization)
    else { return 0 }
    return scalar.properties.canonicalCombiningClass.rawValue
  }
}
