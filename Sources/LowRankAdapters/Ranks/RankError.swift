import LowRankKeys

/// Why ranks cannot be changed or restored.
public enum RankError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The saved state lacks a tensor.
  case missingState(name: String)
  /// A tensor of the saved state has another size than the modules ask for.
  case misshapenState(name: String, found: Int, expected: Int)
  /// An adapter was not trained so that its leading directions can be used alone.
  case notNested
  /// A rank is outside of those that an adapter was trained for.
  case outside(rank: Int, least: Int, most: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .missingState(let name): "the state of the ranks has no tensor \(name)"
    case .misshapenState(let name, let found, let expected):
      "the tensor \(name) of the state of the ranks has \(found) numbers, expected \(expected)"
    case .notNested:
      """
      the adapter was not trained to be used at smaller ranks, as with \(setting: "ranks") dylora; lowrank compress with \
      \(setting: "uniform") finds its best approximation of a rank
      """
    case .outside(let rank, let least, let most):
      "the rank is \(rank), expected one of those that the adapter was trained for, \(least) to \(most)"
    }
  }
}
