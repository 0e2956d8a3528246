import Foundation

/// Texts as YAML writes them on one line.
package enum YAMLText {
  /// A text between quotes unless it can be taken for nothing else.
  package static func scalar(_ text: String) -> String {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain =
      text.wholeMatch(of: /[A-Za-z.\/_][A-Za-z0-9._\/-]*|[0-9]+-[0-9]+|0?\.[0-9]+|[0-9]+/) != nil
      && !words.contains(text.lowercased())
    guard !isPlain else { return text }
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        String(format: "\\x%02X", scalar.value)
      case "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}": String(format: "\\u%04X", scalar.value)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
