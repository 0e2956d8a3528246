import Foundation
import LowRank
import LowRankSessions

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

  /// The value as JSON.
  var json: JSONValue {
    get throws {
      switch self {
      case .text(let text): .string(text)
      case .number(let number): try JSONValue(parsing: Array(number.utf8))
      case .flag(let flag): .bool(flag)
      case .list(let items): .array(items.map { .string($0) })
      case .table(let entries):
        .object(
          JSONObject(
            try entries.map { ($0.name, try JSONValue(parsing: Array($0.number.utf8))) }))
      }
    }
  }

  /// The value as YAML, on one line.
  var yaml: String {
    switch self {
    case .text(let text): YAMLText.scalar(text)
    case .number(let number): number
    case .flag(let flag): String(flag)
    case .list(let items): "[\(items.map(YAMLText.scalar).joined(separator: ", "))]"
    case .table(let entries):
      "{\(entries.map { "\(YAMLText.scalar($0.name)): \($0.number)" }.joined(separator: ", "))}"
    }
  }
}
