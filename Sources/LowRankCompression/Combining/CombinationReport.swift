import LowRankCheckpoints

/// How far a combined adapter is from the weighted sum of the updates.
public struct CombinationReport: Hashable, Sendable {
  /// One module's part of it.
  public struct Module: Hashable, Sendable {
    /// The checkpoint path.
    public let path: String
    /// The rank it has; 0 where it was left out.
    public let rank: Int
    /// The parameters of its factors.
    public let parameters: Int
    /// `‖ΔW − Σ wᵢ ΔWᵢ‖_F`, from the factors as they are written.
    public let distance: Double
    /// `‖Σ wᵢ ΔWᵢ‖_F`.
    public let norm: Double
  }

  /// The modules, by path.
  public let modules: [Module]

  /// The sum of the ranks.
  public var rank: Int { modules.reduce(0) { $0 + $1.rank } }
  /// The parameters of the factors.
  public var parameters: Int { modules.reduce(0) { $0 + $1.parameters } }
  /// The distance over all modules together.
  public var distance: Double { Self.length(modules.map(\.distance)) }
  /// The norm of the weighted sum over all modules together.
  public var norm: Double { Self.length(modules.map(\.norm)) }
  /// The distance in units of the norm.
  public var relativeDistance: Double { Self.ratio(distance, norm) }

  /// The report as JSON.
  public var json: JSONObject {
    [
      "modules": .integer(modules.count { $0.rank > 0 }), "rank_after": .integer(rank),
      "parameters_after": .integer(parameters), "distance": .double(distance),
      "relative_distance": .double(relativeDistance),
      "per_module": .array(
        modules.map { module in
          [
            "path": .string(module.path), "rank_after": .integer(module.rank),
            "distance": .double(module.distance),
            "relative_distance": .double(Self.ratio(module.distance, module.norm)),
          ]
        }),
    ]
  }

  private static func length(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func ratio(_ distance: Double, _ norm: Double) -> Double {
    distance == 0 ? 0 : distance / norm
  }
}
