import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

extension Compression {
  /// Whether a policy cuts to a rank that the adapter was trained to be used at, so that it discards nothing of it.
  public func isNested(_ policy: any RankPolicy) -> Bool {
    guard let ranks = nestedRanks, let uniform = policy as? UniformRank else { return false }
    return ranks.contains(uniform.rank)
  }

  /// The ranks that the adapter was trained to be used at; nil where it was trained for its own alone.
  private var nestedRanks: ClosedRange<Int>? {
    guard let least = adapter.nestedFrom else { return nil }
    let most = adapter.modules.map { $0.rank / adapter.sliceCount(of: $0.path) }.max() ?? 0
    return least...max(least, most)
  }

  /// The adapter pruned by a policy: cut to its first directions where they were trained to be used alone and the policy gives all
  /// modules one rank.
  ///
  /// - Throws: what ``keepingLeading(_:)`` and ``keeping(_:)`` throw.
  public func pruned(
    by policy: any RankPolicy
  ) throws -> (draft: EditableAdapter, certificate: Certificate) {
    let leading = try (policy as? UniformRank).flatMap { try keepingLeading($0.rank) }
    return try leading ?? keeping(policy.ranks(for: spectra))
  }

  /// The adapter with the first directions of each module, as they were trained to be used alone; nil where they were not.
  ///
  /// `s·(r/k) B[:, :k] A[:k]`, or `s·√(r/k)` with rank-stabilised scales: what DyLoRA trains at the rank k. No number of the
  /// factors is changed, so that this is exact, where ``keeping(_:)`` approximates.
  ///
  /// - Throws: `RankError.outside` where the adapter was not trained at the rank, and what reading the factors throws.
  public func keepingLeading(
    _ rank: Int
  ) throws -> (draft: EditableAdapter, certificate: Certificate)? {
    guard let ranks = nestedRanks else { return nil }
    guard ranks.contains(rank) else {
      throw RankError.outside(rank: rank, least: ranks.lowerBound, most: ranks.upperBound)
    }
    let isStabilized = adapter.config["use_rslora"]?.bool == true
    let cuts = try adapter.modules.map { module in
      try LeadingCut(
        module, keeping: rank, slices: adapter.sliceCount(of: module.path),
        isStabilized: isStabilized)
    }
    var draft = EditableAdapter(adapter, replacing: cuts.map(\.module))
    try draft.note(nestedFrom: ranks.lowerBound)
    return (draft, Certificate(modules: cuts.map(\.certificate)))
  }
}

/// One module with its first directions.
private struct LeadingCut {
  let module: EditableAdapter.Module
  let certificate: Certificate.Module

  init(_ stored: StoredModule, keeping wanted: Int, slices: Int, isStabilized: Bool) throws {
    // The directions of slices stand behind each other.
    let own = stored.rank / slices
    let rank = min(wanted, own)
    let kept = (0..<stored.rank).filter { $0 % own < rank }
    let growth = Double(own) / Double(rank)
    let scale = stored.scale * (isStabilized ? growth.squareRoot() : growth)
    let (down, up) = (try stored.down.values(), try stored.up.values())
    let (inputs, outputs) = (stored.inputs, stored.outputs)
    guard rank < own else {
      module = EditableAdapter.Module(stored)
      certificate = Certificate.Module(
        path: stored.path, rankBefore: stored.rank, rankAfter: stored.rank,
        hasMagnitudes: stored.magnitude != nil,
        parametersPerRank: stored.parametersPerRank,
        energy: try Self.energy(stored, weights: [Double](repeating: 1, count: stored.rank)),
        discardedEnergy: 0, rounding: 0, outputEnergy: nil, discardedOutputEnergy: nil)
      return
    }
    module = EditableAdapter.Module(
      path: stored.path, kind: stored.kind,
      down: FactorMatrix(
        kept.flatMap { down[$0 * inputs..<($0 + 1) * inputs] }, [kept.count, inputs],
        as: stored.down.type),
      up: FactorMatrix(
        (0..<outputs).flatMap { row in kept.map { up[row * stored.rank + $0] } },
        [outputs, kept.count], as: stored.up.type),
      scale: scale, magnitude: stored.magnitude)
    // The difference of both updates has the same factors, with another number for each direction.
    let difference = (0..<stored.rank).map { $0 % own < rank ? 1 - scale / stored.scale : 1 }
    certificate = Certificate.Module(
      path: stored.path, rankBefore: stored.rank, rankAfter: kept.count,
      hasMagnitudes: stored.magnitude != nil,
      parametersPerRank: stored.parametersPerRank,
      energy: try Self.energy(stored, weights: [Double](repeating: 1, count: stored.rank)),
      discardedEnergy: try Self.energy(stored, weights: difference), rounding: 0,
      outputEnergy: nil, discardedOutputEnergy: nil)
  }

  /// `‖s B diag(w) A‖²`, from the Gram matrices of the factors.
  private static func energy(_ module: StoredModule, weights: [Double]) throws -> Double {
    let (a, b) = (try module.downMatrix(), try module.upMatrix())
    let (gramA, gramB) = (a.multiplied(by: a.transposed), b.transposed.multiplied(by: b))
    var sum = 0.0
    for row in weights.indices {
      for column in weights.indices {
        sum += weights[row] * weights[column] * gramA[row, column] * gramB[row, column]
      }
    }
    return max(0, module.scale * module.scale * sum)
  }
}
