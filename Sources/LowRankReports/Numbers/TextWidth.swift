/// How wide a text is likely to be, in a font as wide as DejaVu Sans, so that narrower ones fit too.
package func textWidth(_ text: String, size: Double, bold: Bool = false) -> Double {
  let ems = text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  return ems * size * (bold ? 1.1 : 1)
}

/// A text of at most that width.
///
/// Of a longer one the middle is left out, and of a path the start, since its end tells most.
package func shortened(_ text: String, to limit: Double, size: Double) -> String {
  guard textWidth(text, size: size) > limit else { return text }
  let characters = Array(text)
  let isPath = !characters.contains(" ")
  var kept = characters.count
  while kept > 2 {
    kept -= 1
    let head = isPath ? 0 : kept / 2
    let candidate = String(characters.prefix(head)) + "…" + String(characters.suffix(kept - head))
    if textWidth(candidate, size: size) <= limit { return candidate }
  }
  return "…"
}

/// The lines of a text that is broken between words.
func wrapped(_ text: String, to limit: Double, size: Double, bold: Bool = false) -> [String] {
  var lines: [String] = []
  for word in text.split(whereSeparator: \.isWhitespace) {
    let word = shortened(String(word), to: limit, size: size)
    if let line = lines.last, textWidth("\(line) \(word)", size: size, bold: bold) <= limit {
      lines[lines.count - 1] = "\(line) \(word)"
    } else {
      lines.append(word)
    }
  }
  return lines
}

/// The width of a character in ems.
private func width(of scalar: Unicode.Scalar) -> Double {
  switch scalar {
  case "i", "j", "l", "I", "'", "|", ".", ",", ":", ";", " ", "!", "[", "]", "(", ")": 0.36
  case "f", "t", "r", "/", "\\", "-": 0.41
  case "m", "w", "M", "W", "@", "%", "…", "×", "−", "→": 0.97
  case "a"..."z", "0"..."9": 0.64
  case "A"..."Z": 0.72
  case "\u{300}"..."\u{36F}", "\u{200B}"..."\u{200F}": 0
  case "\u{1100}"..."\u{115F}", "\u{2E80}"..."\u{FFEF}", "\u{1F000}"..."\u{3FFFF}": 1.05
  default: 0.7
  }
}
