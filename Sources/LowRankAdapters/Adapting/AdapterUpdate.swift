import LowRankTransformers

/// What an adapter adds and how large it is, as one value: a method with the rank and scale of each module.
public struct AdapterUpdate: Sendable {
  /// What is added.
  public var method: any Method
  /// How large it is.
  public var ranks: PatternRanks

  /// A method with its ranks.
  public init(_ method: any Method, _ ranks: PatternRanks) {
    self.method = method
    self.ranks = ranks
  }

  /// LoRA with `s = α / rank`; α is twice the rank unless given.
  public static func lora(
    rank: Int = 8, alpha: Double? = nil, dropout: Double = 0,
    start: any Initialization = KaimingStart()
  ) -> AdapterUpdate {
    AdapterUpdate(
      LoRA(start: start, dropout: dropout),
      PatternRanks(rank: rank, alpha: alpha ?? Double(2 * rank)))
  }

  /// Rank-stabilised LoRA, `s = α / √rank`.
  public static func rslora(
    rank: Int = 8, alpha: Double? = nil, dropout: Double = 0,
    start: any Initialization = KaimingStart()
  ) -> AdapterUpdate {
    AdapterUpdate(
      LoRA(start: start, dropout: dropout),
      PatternRanks(rank: rank, alpha: alpha ?? Double(2 * rank), isRankStabilized: true))
  }

  /// DoRA: LoRA with directions and magnitudes apart.
  public static func dora(
    rank: Int = 8, alpha: Double? = nil, dropout: Double = 0,
    start: any Initialization = KaimingStart()
  ) -> AdapterUpdate {
    AdapterUpdate(
      LoRA(start: start, dropout: dropout, hasMagnitude: true),
      PatternRanks(rank: rank, alpha: alpha ?? Double(2 * rank)))
  }
}

extension Adapter {
  /// A fresh adapter on a base: `Adapter(on: base, targets: .queryValue, update: .lora(rank: 8, alpha: 16))`.
  ///
  /// - Throws: `AdapterError` where nothing matches the targets or a number makes no sense.
  public init(
    on base: Model, name: AdapterName = .default, targets: Target = .queryValue,
    update: AdapterUpdate = .lora(), seed: UInt64 = 0
  ) throws {
    try self.init(
      on: base, name: name,
      configuration: AdapterConfiguration(
        target: targets, method: update.method, ranks: update.ranks),
      seed: seed)
  }
}
