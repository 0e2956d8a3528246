import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors

/// What the factors of an adapter say by themselves: spectra, ranks and gauge of every module.
public struct AdapterAnalysis: Sendable {
  /// One module's part.
  public struct Module: Sendable {
    /// The factors as they are stored.
    public let stored: StoredModule
    /// The singular value decomposition of the scaled update.
    public let update: UpdateDecomposition
    /// Norms and ranks.
    public let summary: SpectrumSummary
    /// How far the factors are from balance.
    public let balance: GaugeBalance

    /// The module as JSON.
    public var json: JSONObject {
      [
        "path": .string(stored.path), "rank": .integer(stored.rank),
        "scale": .double(stored.scale),
        "singular_values": .array(summary.values.map { .double($0) }),
        "frobenius_norm": .double(summary.frobenius),
        "spectral_norm": .double(summary.spectral), "nuclear_norm": .double(summary.nuclear),
        "stable_rank": .double(summary.stableRank),
        "effective_rank": .double(summary.effectiveRank),
        "rank_90": .integer(summary.rank(holding: 0.9)),
        "rank_99": .integer(summary.rank(holding: 0.99)),
        "imbalance": .double(balance.imbalance), "excess": .double(balance.excess),
      ]
    }
  }

  /// The adapter.
  public let adapter: StoredAdapter
  /// Its modules, in their order.
  public let modules: [Module]

  /// Decomposes the modules of an adapter.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ adapter: StoredAdapter) throws {
    self.adapter = adapter
    let stored = adapter.modules
    modules = try concurrentMap(stored.count, "decomposing updates") { index in
      let update = try UpdateDecomposition(stored[index])
      return Module(
        stored: stored[index], update: update, summary: SpectrumSummary(update.values),
        balance: try GaugeBalance(stored[index]))
    }
  }

  /// ‖ΔW‖_F over all modules.
  public var frobenius: Double { SpectrumSummary(modules.map(\.summary.frobenius)).frobenius }

  /// The decompositions.
  public var updates: [UpdateDecomposition] { modules.map(\.update) }
}
