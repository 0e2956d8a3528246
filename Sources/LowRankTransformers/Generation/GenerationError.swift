/// Why sequences cannot be continued.
public enum GenerationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The logits behind some tokens of a sequence hold a number that is not finite.
  case nonFiniteLogits(tokens: Int)

  /// A clause that may follow the name of the model.
  public var description: String {
    switch self {
    case .nonFiniteLogits(let tokens):
      "the logits after \(tokens) token\(tokens == 1 ? "" : "s") are not finite"
    }
  }
}
