/// One row as tokens, and which of them are trained.
public struct Example: Hashable, Sendable {
  /// The tokens.
  public let ids: [Int32]
  /// The positions in `ids` of the tokens that are trained, each predicted from those before it; in
  /// order, without overlap, and never the first token, which nothing precedes.
  public let trained: [Range<Int>]

  /// Tokens of which some are trained; the first one is taken out, runs without a token are dropped.
  public init(ids: [Int32], trained: [Range<Int>]) {
    precondition(
      trained.allSatisfy { $0.upperBound <= ids.count }
        && zip(trained, trained.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound },
      "the trained runs \(trained) are not in order within \(ids.count) tokens")
    self.ids = ids
    self.trained = trained.map { $0.clamped(to: 1..<max(1, ids.count)) }.filter { !$0.isEmpty }
  }

  /// The number of tokens that are trained.
  public var trainedCount: Int { trained.reduce(0) { $0 + $1.count } }
}
