import Foundation

/// How serious a line for people is, told by the word that it begins with.
enum Severity: String, CaseIterable {
  case note
  case warning
  case error

  /// The severity of a line; nil if it begins with no such word.
  init?(of line: String) {
    guard let severity = Self.allCases.first(where: { line.lowercased().hasPrefix($0.word) }) else {
      return nil
    }
    self = severity
  }

  private var word: String { rawValue + ":" }

  /// The sequence that switches the colour on: a note is dim, a warning yellow, an error red.
  private var colour: String {
    switch self {
    case .note: "\u{1b}[2m"
    case .warning: "\u{1b}[33m"
    case .error: "\u{1b}[31m"
    }
  }

  /// The line with its first word in colour where a terminal shows it.
  static func coloured(_ line: String, for descriptor: Int32) -> String {
    guard Terminal.hasColours(descriptor), let severity = Severity(of: line) else { return line }
    let count = severity.word.count
    return severity.colour + line.prefix(count) + "\u{1b}[0m" + line.dropFirst(count)
  }
}
