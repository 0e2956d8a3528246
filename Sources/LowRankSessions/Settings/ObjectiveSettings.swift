import LowRank

/// What a run learns from its rows, where that is not to continue texts: preferences between answers.
public struct ObjectiveSettings: Hashable, Sendable {
  /// The objective: `dpo`, `orpo`, `kto` or `simpo`; nil to continue texts.
  public var objective: String?
  /// How strongly answers count against the distance from the reference; nil for 0.1.
  public var beta: Double?
  /// DPO's loss of a pair: `sigmoid`, `hinge`, `ipo` or `robust`; nil for `sigmoid`.
  public var lossType: String?
  /// SimPO's margin between rewards; nil for 0.5.
  public var simpoGamma: Double?
  /// KTO's weight of good answers; nil for 1.
  public var desirableWeight: Double?
  /// KTO's weight of bad answers; nil for 1.
  public var undesirableWeight: Double?
  /// Whether the reference scores all rows once before training, instead of those of each step in it.
  public var precomputeReference = false

  /// To continue texts.
  public init() {}

  /// The objective with its settings; nil to continue texts.
  ///
  /// - Parameters:
  ///   - labelSmoothing: the probability that a pair is the wrong way round.
  ///   - kept: the objective that an adapter was trained with, which holds where nothing is given and the method is the same.
  /// - Throws: `SettingsError` for values that make no sense, and for settings without effect.
  package func parsed(
    labelSmoothing: Double = 0, keptIn kept: JSONObject? = nil
  ) throws -> PreferenceObjective? {
    guard let objective else {
      if let key = given.first { throw SettingsError("\(key) has no effect without \(.objective)") }
      return nil
    }
    guard let method = PreferenceObjective.Method(rawValue: objective) else {
      throw SettingsError.value(
        objective, of: .objective,
        expected: PreferenceObjective.Method.allCases.map(\.rawValue))
    }
    var result = PreferenceObjective(method)
    if let kept = kept.flatMap(PreferenceObjective.init), kept.method == method { result = kept }
    try requireEffects(on: result)
    if let beta {
      guard beta > 0, beta.isFinite else {
        throw SettingsError("\(.beta) is \(beta), expected a number above 0")
      }
      result.beta = beta
    }
    if let lossType {
      guard let type = PreferenceObjective.LossType(rawValue: lossType) else {
        throw SettingsError.value(
          lossType, of: .lossType,
          expected: PreferenceObjective.LossType.allCases.map(\.rawValue))
      }
      result.lossType = type
    }
    result.margin = try Self.checked(simpoGamma, .simpoGamma) ?? result.margin
    result.desirableWeight =
      try Self.checked(desirableWeight, .desirableWeight) ?? result.desirableWeight
    result.undesirableWeight =
      try Self.checked(undesirableWeight, .undesirableWeight) ?? result.undesirableWeight
    if labelSmoothing > 0 {
      guard result.takesLabelSmoothing else {
        let loss = method == .dpo ? "\(objective) with \(result.lossType.rawValue)" : objective
        throw SettingsError("\(.labelSmoothing) has no effect with \(.objective) \(loss)")
      }
      guard labelSmoothing < 0.5 else {
        throw SettingsError(
          "\(.labelSmoothing) is \(labelSmoothing), expected below 0.5 with \(.objective) \(objective): the probability that a pair is the wrong way round"
        )
      }
      result.labelSmoothing = labelSmoothing
    }
    guard result.lossType != .robust || result.labelSmoothing > 0 else {
      throw SettingsError(
        "\(.lossType) robust is sigmoid without \(.labelSmoothing), the probability that a pair is the wrong way round; give it, as 0.1"
      )
    }
    return result
  }

  /// The settings that are given besides the objective itself.
  var given: [RunKey] {
    let all: [(RunKey, Bool)] = [
      (.beta, beta != nil), (.lossType, lossType != nil), (.simpoGamma, simpoGamma != nil),
      (.desirableWeight, desirableWeight != nil), (.undesirableWeight, undesirableWeight != nil),
      (.precomputeReference, precomputeReference),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// Refuses settings that are for other objectives.
  private func requireEffects(on objective: PreferenceObjective) throws {
    for key in given {
      let hasEffect =
        switch key {
        case .lossType: objective.method == .dpo
        case .simpoGamma: objective.method == .simpo
        case .desirableWeight, .undesirableWeight: objective.method == .kto
        case .precomputeReference: objective.needsReference
        default: true
        }
      guard hasEffect else {
        throw SettingsError(
          "\(key) has no effect with \(.objective) \(objective.method.rawValue)")
      }
    }
  }

  /// A number that is at least 0.
  private static func checked(_ value: Double?, _ key: RunKey) throws -> Double? {
    guard let value else { return nil }
    guard value >= 0, value.isFinite else {
      throw SettingsError("\(key) is \(value), expected a number of at least 0")
    }
    return value
  }
}
