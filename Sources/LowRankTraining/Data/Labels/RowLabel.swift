import LowRankCheckpoints

/// The label of a row as its file has it.
public enum RowLabel: Sendable {
  /// The name of a class.
  case name(String)
  /// The names of several labels, or of none.
  case names([String])
  /// A number.
  case number(Double)

  /// The label that a value stands for.
  ///
  /// A class is a string, a whole number or a boolean. Several labels are a list of such, or a
  /// string that holds them between commas or vertical bars, where spaces around a label are not
  /// part of it and an empty one is none. A number is a number or a string that spells one.
  /// - Throws: `DataError` at a place where it is something else.
  init(_ value: JSONValue, for task: TrainingTask, at place: @autoclosure () -> String)
    throws(DataError)
  {
    let label: RowLabel? =
      switch task {
      case .regression: Self.number(value).map { .number($0) }
      case .multilabel: Self.names(value).map { .names($0) }
      case .classification: Self.name(value).map { .name($0) }
      case .causal: preconditionFailure("rows to continue have no label")
      }
    guard let label else {
      let found = value.string.map { "\"\($0)\"" } ?? value.kind
      throw DataError(place(), "the label must be \(Self.expected(for: task)), found \(found)")
    }
    if case .names(let names) = label, Set(names.map(ExactText.init)).count < names.count,
      value.array?.allSatisfy({ $0.integer != nil }) == true
    {
      throw DataError(
        place(),
        """
        a number stands twice in \(value.text()); list the labels that the row has, not a 0 or 1 for each
        """)
    }
    self = label
  }

  private static func expected(for task: TrainingTask) -> String {
    switch task {
    case .regression: "a finite number"
    case .multilabel: "a list of labels, or a string of labels between commas or \"|\""
    case .classification, .causal: "a string that is not empty, a whole number, true or false"
    }
  }

  private static func name(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text.isEmpty ? nil : text
    case .number(let number): number.integer.map(String.init)
    case .bool(let bool): String(bool)
    case .null, .array, .object: nil
    }
  }

  private static func names(_ value: JSONValue) -> [String]? {
    if let array = value.array {
      let names = array.compactMap(name)
      return names.count == array.count ? names : nil
    }
    guard let text = value.string else { return name(value).map { [$0] } }
    return text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "|") }
      .map { String(Substring($0)).trimmed }.filter { !$0.isEmpty }
  }

  private static func number(_ value: JSONValue) -> Double? {
    guard let text = value.string?.trimmed else { return value.double }
    let isDecimal = text.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) }
    return isDecimal ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
  }
}

extension String {
  /// The text without the spaces around it.
  fileprivate var trimmed: String {
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") }
    guard let first = utf8.firstIndex(where: { !isSpace($0) }),
      let last = utf8.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(Substring(utf8[first...last]))
  }
}
