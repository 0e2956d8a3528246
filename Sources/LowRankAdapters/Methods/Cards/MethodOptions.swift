import LowRankCheckpoints

/// The options of a method with a value each: those that were given, and the defaults of the others.
///
/// Asking for an option that the card does not declare, or as another type, is a programmer's error.
public struct MethodOptions: Sendable {
  private let card: MethodCard
  private let given: JSONObject

  init(_ card: MethodCard, given: JSONObject) {
    (self.card, self.given) = (card, given)
  }

  /// A whole number.
  public func integer(_ name: String) -> Int {
    guard let value = value(name).integer else { preconditionFailure(Self.mismatch(name)) }
    return value
  }

  /// A number.
  public func number(_ name: String) -> Double {
    guard let value = value(name).double else { preconditionFailure(Self.mismatch(name)) }
    return value
  }

  /// A truth value.
  public func boolean(_ name: String) -> Bool {
    guard let value = value(name).bool else { preconditionFailure(Self.mismatch(name)) }
    return value
  }

  /// The path of a file or folder; empty where none was given.
  public func path(_ name: String) -> String { value(name).string ?? "" }

  /// One of several names.
  public func choice(_ name: String) -> String {
    guard let value = value(name).string else { preconditionFailure(Self.mismatch(name)) }
    return value
  }

  private func value(_ name: String) -> JSONValue {
    guard let option = card.options.first(where: { $0.name == name }) else {
      preconditionFailure("the card of \(card.name) has no option \(name)")
    }
    return given[name] ?? option.standard
  }

  private static func mismatch(_ name: String) -> String { "the option \(name) is of another type" }
}
