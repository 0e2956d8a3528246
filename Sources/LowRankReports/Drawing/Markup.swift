/// Text as the content or the quoted attribute of an XML or HTML element.
///
/// Characters that markup may not hold, and those that would turn the direction of what follows, become `U+FFFD`.
func escaped(_ text: String) -> String {
  guard text.utf8.contains(where: isSpecial) else { return text }
  var result = ""
  result.reserveCapacity(text.utf8.count + 16)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(" ")
    case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}",
      "\u{FFFE}"..."\u{FFFF}":
      result.unicodeScalars.append("\u{FFFD}")
    default:
      // The last two of every plane are not characters.
      result.unicodeScalars.append(scalar.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : scalar)
    }
  }
  return result
}

/// Whether a byte of UTF-8 may belong to a character that has to be looked at.
private func isSpecial(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
    UInt8(ascii: "'"):
    true
  case 0..<0x20, 0x7F: true
  // U+0080..., U+2000..., U+F000..., and the planes above the first.
  case 0xC2, 0xE2, 0xEF, 0xF0...: true
  default: false
  }
}
