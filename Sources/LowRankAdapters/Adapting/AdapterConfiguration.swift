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

  /// An adapter's configuration.
  public init(
    target: Target = .queryValue, method: any Method = LoRA(), ranks: PatternRanks,
    bias: Bias = .none, modulesToSave: [String] = []
  ) {
    self.target = target
    self.method = method
    self.ranks = ranks
    self.bias = bias
    self.modulesToSave = modulesToSave
  }

  /// Refuses numbers that make no sense.
  ///
  /// - Throws: `AdapterError.invalid`.
  func check() throws(AdapterError) {
    func check(
      _ holds: Bool, _ key: String, _ value: some CustomStringConvertible, _ expected: String
    )
      throws(AdapterError)
    {
      if !holds { throw .invalid(key: key, value: "\(value)", expected: expected) }
    }
    try check(ranks.rank > 0, "rank", ranks.rank, "a number of at least 1")
    try check(
      abs(ranks.alpha) < 1e30 && ranks.alpha != 0, "alpha", ranks.alpha,
      "a number other than 0")
    for entry in ranks.rankPattern {
      try check(
        entry.value > 0, "rank pattern \(entry.key)", entry.value, "a number of at least 1")
    }
    for entry in ranks.alphaPattern {
      try check(
        entry.value.isFinite && entry.value != 0, "alpha pattern \(entry.key)", entry.value,
        "a number other than 0")
    }
  }
}
