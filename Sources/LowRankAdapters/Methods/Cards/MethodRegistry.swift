import LowRankCheckpoints

/// The methods of one axis, each with its card and how it is made; the first one is the default.
public struct MethodRegistry<Made>: Sendable {
  /// A method.
  public struct Entry: Sendable {
    /// What there is to know of it.
    public let card: MethodCard
    let make: @Sendable (MethodOptions) -> Made

    /// A method with its card.
    public init(_ card: MethodCard, make: @escaping @Sendable (MethodOptions) -> Made) {
      (self.card, self.make) = (card, make)
    }
  }

  /// The axis.
  public let axis: MethodAxis
  /// The methods.
  public let entries: [Entry]

  /// The methods of an axis, of which there is at least one.
  public init(_ axis: MethodAxis, _ entries: [Entry]) {
    precondition(!entries.isEmpty, "an axis without methods")
    (self.axis, self.entries) = (axis, entries)
  }

  /// The cards.
  public var cards: [MethodCard] { entries.map(\.card) }

  /// The method that is used where none is named.
  public var standard: MethodChoice { MethodChoice(name: entries[0].card.name) }

  /// Reads `NAME:key=value,…`; the default where nil.
  ///
  /// - Throws: `MethodError`.
  public func choice(_ text: String?) throws(MethodError) -> MethodChoice {
    guard let text else { return standard }
    return try MethodChoice(text, among: cards, on: axis)
  }

  /// The card of a choice of this axis.
  public func card(of choice: MethodChoice) -> MethodCard { entry(choice).card }

  /// The choice with an option that a setting of its own gives.
  ///
  /// - Throws: `MethodError` where the method has no such option, or was given it already.
  public func setting(
    _ option: String, to value: JSONValue, by key: String, of choice: MethodChoice
  ) throws(MethodError) -> MethodChoice {
    try choice.setting(option, to: value, by: key, of: card(of: choice), axis)
  }

  /// Makes a method that was chosen on this axis.
  public func make(_ choice: MethodChoice) -> Made {
    let entry = entry(choice)
    return entry.make(MethodOptions(entry.card, given: choice.options))
  }

  private func entry(_ choice: MethodChoice) -> Entry {
    guard let entry = entries.first(where: { $0.card.name == choice.name }) else {
      preconditionFailure("\(choice.name) is not \(axis.noun)")
    }
    return entry
  }
}
