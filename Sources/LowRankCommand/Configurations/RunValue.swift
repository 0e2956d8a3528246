import Foundation

/// A value of a run's file.
enum RunValue: Hashable {
  case text(String)
  /// A number as it was written.
  case number(String)
  case flag(Bool)
  case list([String])
  case table([Entry])

  /// A name with its number.
  struct Entry: Hashable {
    let name: String
    let number: String
  }

  /// A number, whole where it is.
  static func number(_ value: Double) -> RunValue {
    .number(Int(exactly: value).map(String.init) ?? "\(value)")
  }

  static func integer(_ value: Int) -> RunValue { .number(String(value)) }

  /// The value as YAML, on one line.
  var yaml: String {
    switch self {
    case .text(let text): Self.scalar(text)
    case .number(let number): number
    case .flag(let flag): String(flag)
    case .list(let items): "[\(items.map(Self.scalar).joined(separator: ", "))]"
    case .table(let entries):
      "{\(entries.map { "\(Self.scalar($0.name)): \($0.number)" }.joined(separator: ", "))}"
    }
  }

  /// A text between quotes unless it can be taken for nothing else.
  private static func scalar(_ text: String) -> String {
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
