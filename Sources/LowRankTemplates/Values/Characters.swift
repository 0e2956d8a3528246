/// What Python knows of single code points.
enum Characters {
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }

  static func isAlphabetic(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.numericType == .decimal
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
  }

  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  static func isUppercase(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isUppercase }
  static func isLowercase(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isLowercase }
  static func isTitlecase(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .titlecaseLetter
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return Whitespace.length(in: bytes, at: 0) > 0
  }
}

/// Changes of case, by the full mappings of Unicode and independent of the language.
extension Text {
  func uppercased() -> Text {
    mapped { bytes in
      for index in bytes.indices where (0x61...0x7a).contains(bytes[index]) { bytes[index] -= 32 }
    }
      ?? Text(scalars.flatMap { Array($0.properties.uppercaseMapping.unicodeScalars) })
  }

  func lowercased() -> Text {
    if let text = mapped({ bytes in
      for index in bytes.indices where (0x41...0x5a).contains(bytes[index]) { bytes[index] += 32 }
    }) {
      return text
    }
    let scalars = Array(scalars)
    var text = Text(bytes: [])
    for position in scalars.indices { text.appendLowercase(position, of: scalars) }
    return text
  }

  private func mapped(_ change: (inout [UInt8]) -> Void) -> Text? {
    guard isASCII else { return nil }
    var text = self
    change(&text.bytes)
    return text
  }

  /// The first code point in title case, the others in lower case.
  func capitalized() -> Text {
    let scalars = Array(scalars)
    var text = Text(bytes: [])
    for position in scalars.indices {
      if position == 0 {
        for scalar in scalars[0].properties.titlecaseMapping.unicodeScalars { text.append(scalar) }
      } else {
        text.appendLowercase(position, of: scalars)
      }
    }
    return text
  }

  /// Every word, a run of cased code points, in title case.
  func titled() -> Text {
    let scalars = Array(scalars)
    var text = Text(bytes: [])
    var isInWord = false
    for position in scalars.indices {
      let scalar = scalars[position]
      if isInWord {
        text.appendLowercase(position, of: scalars)
      } else {
        for scalar in scalar.properties.titlecaseMapping.unicodeScalars { text.append(scalar) }
      }
      isInWord = scalar.properties.isCased
    }
    return text
  }

  func caseSwapped() -> Text {
    let scalars = Array(scalars)
    var text = Text(bytes: [])
    for (position, scalar) in scalars.enumerated() {
      if Characters.isUppercase(scalar) {
        text.appendLowercase(position, of: scalars)
      } else if Characters.isLowercase(scalar) {
        for scalar in scalar.properties.uppercaseMapping.unicodeScalars { text.append(scalar) }
      } else {
        text.append(scalar)
      }
    }
    return text
  }

  /// A sigma that ends a word has its own small letter.
  private mutating func appendLowercase(_ position: Int, of scalars: [Unicode.Scalar]) {
    let scalar = scalars[position]
    if scalar == "\u{3a3}" {
      let before = scalars[..<position].last { !$0.properties.isCaseIgnorable }
      let after = scalars[(position + 1)...].first { !$0.properties.isCaseIgnorable }
      let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
      append(isFinal ? "\u{3c2}" : "\u{3c3}")
      return
    }
    for scalar in scalar.properties.lowercaseMapping.unicodeScalars { append(scalar) }
  }
}
