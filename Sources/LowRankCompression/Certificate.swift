import LowRankCheckpoints

/// What is certain about a compressed adapter: ranks, parameters, and how far its updates are from those before.
public struct Certificate: Hashable, Sendable {
  /// One module's part of it.
  public struct Module: Hashable, Sendable {
    /// The checkpoint path.
    public let path: String
    /// The rank it had.
    public let rankBefore: Int
    /// The rank it has; 0 where it was left out.
    public let rankAfter: Int
    /// Whether it has DoRA's magnitudes, which it keeps.
    public let hasMagnitudes: Bool
    /// The parameters that a unit of rank takes.
    public let parametersPerRank: Int
    /// ‖s·BA‖² before.
    public let energy: Double
    /// Σ(s·σ)² of the components that were cut off.
    public let discardedEnergy: Double
    /// A bound on what rounding the new factors to their type adds to the distance.
    public let rounding: Double
    /// ‖s·BA C^½‖², C being the inputs' second moment; nil without calibration.
    public let outputEnergy: Double?
    /// ‖(ΔW − ΔW') C^½‖² of what was cut off; nil without calibration.
    public let discardedOutputEnergy: Double?

    init(
      path: String, rankBefore: Int, rankAfter: Int, hasMagnitudes: Bool = false,
      parametersPerRank: Int, energy: Double,
      discardedEnergy: Double, rounding: Double, outputEnergy: Double? = nil,
      discardedOutputEnergy: Double? = nil
    ) {
      self.path = path
      self.rankBefore = rankBefore
      self.rankAfter = rankAfter
      self.hasMagnitudes = hasMagnitudes
      self.parametersPerRank = parametersPerRank
      self.energy = energy
      self.discardedEnergy = discardedEnergy
      self.rounding = rounding
      self.outputEnergy = outputEnergy
      self.discardedOutputEnergy = discardedOutputEnergy
    }

    /// A bound on `‖ΔW − ΔW'‖_F`, of `s·BA` where there are magnitudes.
    public var bound: Double { discardedEnergy.squareRoot() + rounding }
  }

  /// The modules, in the adapter's order.
  public let modules: [Module]

  /// The sum of the ranks before.
  public var rankBefore: Int { modules.reduce(0) { $0 + $1.rankBefore } }
  /// The sum of the ranks after.
  public var rankAfter: Int { modules.reduce(0) { $0 + $1.rankAfter } }
  /// The parameters of the factors before.
  public var parametersBefore: Int {
    modules.reduce(0) { $0 + $1.rankBefore * $1.parametersPerRank }
  }
  /// The parameters of the factors after.
  public var parametersAfter: Int {
    modules.reduce(0) { $0 + $1.rankAfter * $1.parametersPerRank }
  }
  /// Σ‖s·BA‖² before.
  public var energy: Double { modules.reduce(0) { $0 + $1.energy } }
  /// The energy of all that was cut off.
  public var discardedEnergy: Double { modules.reduce(0) { $0 + $1.discardedEnergy } }
  /// The number of modules with DoRA's magnitudes, which are kept as they were.
  public var magnitudes: Int { modules.count { $0.hasMagnitudes } }
  /// A bound on `‖ΔW − ΔW'‖_F` over all modules together, rounding included; of `s·BA` where there are magnitudes.
  public var bound: Double { modules.reduce(0) { $0 + $1.bound * $1.bound }.squareRoot() }

  /// Σ‖s·BA C^½‖²; nil without calibration.
  public var outputEnergy: Double? { Self.sum(modules.map(\.outputEnergy)) }
  /// The part of it that was cut off.
  public var discardedOutputEnergy: Double? { Self.sum(modules.map(\.discardedOutputEnergy)) }

  private static func sum(_ values: [Double?]) -> Double? {
    values.reduce(0) { sum, value in sum.flatMap { sum in value.map { sum + $0 } } }
  }

  /// The certificate as JSON.
  public var json: JSONObject {
    var object = uncalibratedJSON
    if magnitudes > 0 { object["magnitudes_kept"] = .integer(magnitudes) }
    if let outputEnergy, let discardedOutputEnergy {
      object["output_energy"] = .double(outputEnergy)
      object["discarded_output_energy"] = .double(discardedOutputEnergy)
    }
    return object
  }

  private var uncalibratedJSON: JSONObject {
    [
      "modules": .integer(modules.count), "rank_before": .integer(rankBefore),
      "rank_after": .integer(rankAfter), "parameters_before": .integer(parametersBefore),
      "parameters_after": .integer(parametersAfter), "energy": .double(energy),
      "discarded_energy": .double(discardedEnergy), "bound": .double(bound),
      "per_module": .array(
        modules.map { module in
          [
            "path": .string(module.path), "rank_before": .integer(module.rankBefore),
            "rank_after": .integer(module.rankAfter), "energy": .double(module.energy),
            "discarded_energy": .double(module.discardedEnergy), "bound": .double(module.bound),
          ]
        }),
    ]
  }
}
