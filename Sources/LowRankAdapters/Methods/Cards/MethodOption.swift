import LowRankCheckpoints

/// An option of a method: its name, the values that it takes, and its default.
public struct MethodOption: Sendable {
  /// The kind of value.
  public enum Kind: String, Hashable, Sendable {
    /// A whole number.
    case integer
    /// A number.
    case number
    /// True or false.
    case boolean
    /// One of several names.
    case choice
    /// The path of a file or folder.
    case path
  }

  /// The name, as in `NAME:option=value`.
  public let name: String
  /// The kind of value.
  public let kind: Kind
  /// The value where none is given.
  public let standard: JSONValue
  /// The values that it takes, in words.
  public let expected: String
  /// What it does, as one sentence.
  public let help: String
  /// PEFT's key of the same meaning; nil where it has none.
  public let peftKey: String?
  private let accepts: @Sendable (JSONValue) -> Bool

  /// A whole number within a range.
  public static func integer(
    _ name: String, default standard: Int, in range: ClosedRange<Int>, _ help: String,
    peftKey: String? = nil
  ) -> MethodOption {
    MethodOption(
      name: name, kind: .integer, standard: .integer(standard),
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", help: help,
      peftKey: peftKey
    ) { $0.integer.map(range.contains) ?? false }
  }

  /// A number within a range that may be open above; the least number above 0 and the one after 1 stand for "above 0" and
  /// "at most 1".
  public static func number(
    _ name: String, default standard: Double, in range: Range<Double>, _ help: String,
    peftKey: String? = nil
  ) -> MethodOption {
    let most =
      range.upperBound == 1.0.nextUp ? " and at most 1" : " and below \(range.upperBound.short)"
    let excludesZero = range.lowerBound == .leastNonzeroMagnitude
    return MethodOption(
      name: name, kind: .number, standard: .exact(standard),
      expected: (excludesZero
        ? "a number above 0" : "a number of \(range.lowerBound.short) or more")
        + (range.upperBound == .infinity ? "" : most), help: help,
      peftKey: peftKey
    ) { $0.double.map(range.contains) ?? false }
  }

  /// True or false.
  public static func boolean(
    _ name: String, default standard: Bool, _ help: String, peftKey: String? = nil
  ) -> MethodOption {
    MethodOption(
      name: name, kind: .boolean, standard: .bool(standard), expected: "true or false", help: help,
      peftKey: peftKey
    ) { $0.bool != nil }
  }

  /// One of several names.
  public static func choice(
    _ name: String, default standard: String, of names: [String], _ help: String,
    peftKey: String? = nil
  ) -> MethodOption {
    MethodOption(
      name: name, kind: .choice, standard: .string(standard),
      expected: names.dropLast().joined(separator: ", ") + " or " + (names.last ?? ""), help: help,
      peftKey: peftKey
    ) { $0.string.map(names.contains) ?? false }
  }

  /// The path of a file or folder, which has to be given.
  public static func path(_ name: String, _ help: String) -> MethodOption {
    MethodOption(
      name: name, kind: .path, standard: .null, expected: "the path of a file or folder",
      help: help, peftKey: nil
    ) { $0.string.map { !$0.isEmpty } ?? false }
  }

  /// Whether it has no default, so that a value has to be given.
  public var isRequired: Bool { standard == .null }

  /// The default for people.
  public var standardText: String {
    isRequired ? "none" : standard.string ?? standard.text()
  }

  /// The option of methods that drop elements of what they read.
  static let updateDropout = number(
    "dropout", default: 0, in: 0..<1,
    "The probability of dropping an element of the update's input while training.")

  /// The value that a text says; none where the option does not take it.
  func value(of text: String) -> JSONValue? {
    let value: JSONValue
    switch kind {
    case .integer:
      guard let number = Int(text) else { return Optional.none }
      value = .integer(number)
    case .number:
      guard let number = Double(text), number.isFinite else { return Optional.none }
      value = .exact(number)
    case .boolean:
      guard let isOn = Bool(text) else { return Optional.none }
      value = .bool(isOn)
    case .choice, .path: value = .string(text)
    }
    return accepts(value) ? .some(value) : .none
  }

  /// The option as `lowrank methods --json` has it.
  public var json: JSONObject {
    [
      "name": .string(name), "type": .string(kind.rawValue), "default": standard,
      "help": .string(help), "peft_key": peftKey.map { .string($0) } ?? .null,
    ]
  }
}

extension Double {
  /// The number without a fraction of zero.
  fileprivate var short: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
