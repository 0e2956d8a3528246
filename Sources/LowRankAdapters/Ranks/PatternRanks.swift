import LowRankTransformers

/// The rank and scale of each module: `r` and `lora_alpha` with PEFT's overrides by pattern.
///
/// `s = α / r`, or `α / √r` where rank-stabilised (Kalajdzievski, arXiv 2312.03732). A key matches the end of a path that
/// begins behind a dot; the first match wins.
public struct PatternRanks: Hashable, Sendable {
  /// The rank of modules without an entry.
  public var rank: Int
  /// α of modules without an entry.
  public var alpha: Double
  /// Whether `s = α / √r`.
  public var isRankStabilized: Bool
  /// Ranks by pattern, in order.
  public var rankPattern: [Entry<Int>]
  /// α by pattern, in order.
  public var alphaPattern: [Entry<Double>]

  /// A pattern with its value.
  public struct Entry<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The pattern.
    public let key: PathPattern
    /// The value.
    public let value: Value

    /// An entry of a pattern table.
    ///
    /// - Throws: `PatternError` where the key is no regular expression.
    public init(_ key: String, _ value: Value) throws(PatternError) {
      self.key = try PathPattern(key: key)
      self.value = value
    }
  }

  /// Ranks with overrides.
  public init(
    rank: Int = 8, alpha: Double = 8, isRankStabilized: Bool = false,
    rankPattern: [Entry<Int>] = [], alphaPattern: [Entry<Double>] = []
  ) {
    self.rank = rank
    self.alpha = alpha
    self.isRankStabilized = isRankStabilized
    self.rankPattern = rankPattern
    self.alphaPattern = alphaPattern
  }

  /// The rank of a module.
  public func rank(of path: String) -> Int {
    Self.value(of: path, in: rankPattern) ?? rank
  }

  /// The α of a module.
  public func alpha(of path: String) -> Double {
    Self.value(of: path, in: alphaPattern) ?? alpha
  }

  /// What the first entry for a module says; a module that has been renamed has its former name too.
  private static func value<Value>(of path: String, in entries: [Entry<Value>]) -> Value? {
    guard !entries.isEmpty else { return nil }
    let former = FormerNames.former(of: path)
    return entries.first { entry in
      entry.key.matchesWhole(path) || former.map(entry.key.matchesWhole) == true
    }?.value
  }

  /// The scale of a module.
  public func scale(of path: String) -> Float { Float(exactScale(of: path)) }

  /// The scale of a module in double precision.
  package func exactScale(of path: String) -> Double {
    let rank = Double(rank(of: path))
    return alpha(of: path) / (isRankStabilized ? rank.squareRoot() : rank)
  }
}
