import LowRankTransformers

/// Everything that says what an adapter is, apart from its numbers: PEFT's `LoraConfig` as four independent
/// choices.
public struct AdapterConfiguration: Sendable {
  /// Which biases of the base are trained beside the factors.
  public enum Bias: String, Hashable, Sendable, CaseIterable {
    /// None.
    case none
    /// All of the model.
    case all
    /// Those of adapted modules.
    case loraOnly = "lora_only"
  }

  /// Which modules are adapted.
  public var target: Target
  /// What is added to them.
  public var method: any Method
  /// How large it is.
  public var ranks: PatternRanks
  /// Which biases are trained too.
  public var bias: Bias
  /// Modules that are trained and saved whole, by name.
  public var modulesToSave: [String]
  /// The tokens to train and save single embeddings for; nil for none.
  public var trainedTokens: TrainedTokens?
  /// Whether a head that is tied to the embeddings is adapted and saved with them (PEFT's `ensure_weight_tying`).
  public var ensuresTying = false

  /// An adapter's configuration.
  public init(
    target: Target = .queryValue, method: any Method = LoRA(), ranks: PatternRanks,
    bias: Bias = .none, modulesToSave: [String] = [], trainedTokens: TrainedTokens? = nil
  ) {
    self.target = target
    self.method = method
    self.ranks = ranks
    self.bias = bias
    self.modulesToSave = modulesToSave
    self.trainedTokens = trainedTokens
  }

  /// Refuses numbers that make no sense.
  ///
  /// - Throws: `AdapterError.invalid`.
  package func check() throws(AdapterError) {
    func check(
      _ holds: Bool, _ key: String, _ value: some CustomStringConvertible, _ expected: String
    )
      throws(AdapterError)
    {
      if !holds { throw .invalid(key: key, value: "\(value)", expected: expected) }
    }
    func check(rank: Int, _ key: String, least: Int = 1) throws(AdapterError) {
      try check(rank >= least, key, rank, "a number of at least \(least)")
      try check(
        rank <= Self.greatestRank, key, rank, "a number of at most \(Self.greatestRank)")
    }
    func check(alpha: Double, _ key: String) throws(AdapterError) {
      try check(Self.isAlpha(alpha), key, alpha, Self.expectedAlpha)
    }
    try checkExpressible()
    try check(rank: ranks.rank, "rank")
    try check(alpha: ranks.alpha, "alpha")
    for entry in ranks.rankPattern {
      try check(
        rank: entry.value, "rank pattern \(entry.key)", least: method.dialect.masksRanks ? 0 : 1)
    }
    for entry in ranks.alphaPattern { try check(alpha: entry.value, "alpha pattern \(entry.key)") }
  }

  /// Refuses what the files of the method's type have no place for.
  private func checkExpressible() throws(AdapterError) {
    let dialect = method.dialect
    for (key, isUsed, what) in [
      ("use_rslora", ranks.isRankStabilized, "rank-stabilised scales"),
      ("rank_pattern", !ranks.rankPattern.isEmpty, "ranks of single modules"),
      ("alpha_pattern", !ranks.alphaPattern.isEmpty, "alphas of single modules"),
      ("bias", bias != .none, "trained biases"),
      ("trainable_token_indices", trainedTokens != nil, "trained rows of tokens"),
    ] where isUsed && dialect.missing.contains(key) {
      throw .cannotExpress(form: "PEFT's type \(method.name)", what: what)
    }
    guard !dialect.masksRanks || ranks.rankPattern.allSatisfy({ $0.value <= ranks.rank }) else {
      throw .cannotExpress(
        form: "PEFT's type \(method.name)", what: "a rank of single modules above that of all")
    }
  }

  /// s of a module.
  func scale(of path: String) -> Float {
    // PEFT divides by the rank of all modules whatever is left of one, and never by zero.
    method.dialect.masksRanks
      ? Float(ranks.alpha / (Double(ranks.rank) + 1e-5)) : ranks.scale(of: path)
  }

  /// More than any map of a language model has use for.
  static let greatestRank = 65_536
}
