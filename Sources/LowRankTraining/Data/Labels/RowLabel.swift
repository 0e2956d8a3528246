import LowRankCheckpoints
import LowRankKeys

/// The label of a row as its file has it.
public enum RowLabel: Sendable {
  /// The name of a class.
  case name(String)
  /// The names of several labels, or of none.
  case names([String])
  /// The indices of the labels that a row has, out of `count`, from a 0 or 1 for each (multi-hot).
  case flags([Int], count: Int)
  /// A number.
  case number(Double)

  /// The label that a value stands for.
  ///
  /// A class is a string, a whole number or a boolean. Several labels are a list of these, or the text of such a list
  /// as tables contain it (JSON, Python's or NumPy's), or a string of labels separated by commas or vertical bars;
  /// spaces around a label are removed, and empty labels are ignored. A number is a number or a string that spells
  /// one.
  /// - Parameter column: the name of the cell, for messages.
  /// - Throws: `DataError` at a place where it is something else.
  init(
    _ value: JSONValue, for task: TrainingTask, in column: String,
    at place: @autoclosure () -> String
  ) throws(DataError) {
    let label: RowLabel? =
      switch task {
      case .regression: Self.number(value).map { .number($0) }
      case .multilabel: Self.names(value).map { .names($0) }
      case .classification, .imageClassification: Self.name(value).map { .name($0) }
      case .causal: preconditionFailure("rows to continue have no label")
      }
    guard let label else {
      let found = value.string.map { "\"\($0)\"" } ?? value.kind
      let hint =
        task.choosesClass && value.holdsList
        ? " in \"\(column)\"; several labels in a row are for \(setting: "task") multilabel"
        : task == .multilabel && value.string != nil ? " in \"\(column)\"" : ""
      throw DataError(
        place(), "the label must be \(Self.expected(for: task)), found \(found)\(hint)")
    }
    self = label
  }

  private static func expected(for task: TrainingTask) -> String {
    switch task {
    case .regression: "a finite number"
    case .multilabel:
      "a list of labels, as [\"a\", \"b\"], a 0 or 1 for each, or a string of labels between commas or \"|\""
    case .classification, .imageClassification, .causal:
      "a string that is not empty, a whole number, true or false"
    }
  }

  private static func name(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text.isEmpty || value.holdsList ? nil : text
    case .number(let number): wholeLabel(number.text)
    case .bool(let bool): String(bool)
    case .null, .array, .object: nil
    }
  }

  private static func names(_ value: JSONValue) -> [String]? {
    if let array = value.array { return names(array) }
    guard let text = value.string else { return name(value).map { [$0] } }
    if let list = JSONValue(structured: text) { return list.array.flatMap(names) }
    // A text that looks like a list but is not one must not be split at commas.
    guard text.trimmed.utf8.first != UInt8(ascii: "[") else { return nil }
    return text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "|") }
      .map { String(Substring($0)).trimmed }.filter { !$0.isEmpty }
  }

  private static func names(_ array: [JSONValue]) -> [String]? {
    let names = array.compactMap(name)
    return names.count == array.count ? names : nil
  }

  private static func number(_ value: JSONValue) -> Double? {
    guard let text = value.string?.trimmed else { return value.double }
    let isDecimal = text.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) }
    return isDecimal ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
  }
}

extension JSONValue {
  /// Whether the value is a list, or the text of one.
  fileprivate var holdsList: Bool {
    array != nil || string.flatMap { JSONValue(structured: $0)?.array } != nil
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
