import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import LowRankTransformers

/// An adapter's updates beside the weights of its base.
public struct WeightComparison: Sendable {
  /// One module's part.
  public struct Module: Sendable {
    /// The checkpoint path.
    public let path: String
    /// The amplification of the whole update and, where asked for, of its leading directions.
    public let amplifications: [Amplification]
    /// The intruder dimensions; nil where they were not looked for.
    public let intruders: IntruderDimensions?

    /// The module as JSON.
    public var json: JSONObject {
      var result: JSONObject = [
        "path": .string(path),
        "amplification": .array(
          amplifications.map { one in
            [
              "rank": .integer(one.rank), "in_update": .double(one.inUpdate),
              "in_weight": .double(one.inWeight), "in_random": .double(one.inRandom),
              "weight_norm": .double(one.weightNorm), "update_norm": .double(one.updateNorm),
              "factor": one.factor.isFinite ? .double(one.factor) : .null,
            ]
          }),
      ]
      if let intruders {
        result["leading_directions"] = .array(
          intruders.directions.map { direction in
            [
              "index": .integer(direction.index), "singular_value": .double(direction.value),
              "similarity": .double(direction.similarity),
              "intruder": .bool(direction.isIntruder),
            ]
          })
      }
      return result
    }
  }

  /// The modules, in the adapter's order.
  public let modules: [Module]

  /// Compares updates with their weights.
  ///
  /// - Parameters:
  ///   - ranks: of how many leading directions amplification is measured, besides all.
  ///   - threshold: ε below which a leading direction of W + ΔW is an intruder; nil not to look.
  /// - Throws: `AdapterError` where the base lacks a weight, `LinearAlgebraError`, and what reading throws.
  public init(
    _ analysis: AdapterAnalysis, _ weights: BaseWeights, ranks: [Int] = [],
    intrudersBelow threshold: Double? = nil, seed: UInt64 = 0
  ) throws {
    let all = analysis.modules
    modules = try concurrentMap(all.count, "comparing with the weights") { index in
      let weight = try weights.matrix(of: all[index].stored)
      let update = all[index].update
      let sizes = ranks.filter { $0 < update.values.count } + [update.values.count]
      return Module(
        path: all[index].stored.path,
        amplifications: try sizes.map { rank in
          try Amplification(
            of: update, in: weight, rank: rank, seed: seed &+ UInt64(index))
        },
        intruders: try threshold.map {
          try IntruderDimensions(of: update, in: weight, threshold: $0)
        })
    }
  }

  /// What mitigation did.
  public struct Mitigation: Hashable, Sendable {
    /// The intruders that were scaled.
    public let intruders: Int
    /// How far the written update is from the exact one, which has a higher rank.
    public let distance: Double
    /// How far the exact one is from the update before.
    public let move: Double
  }

  /// The adapter with its intruder dimensions scaled by λ, at the ranks it had.
  ///
  /// - Throws: `LinearAlgebraError`.
  public func mitigating(_ analysis: AdapterAnalysis, factor: Double) throws
    -> (draft: EditableAdapter, change: Mitigation)
  {
    let (all, found) = (analysis.modules, modules)
    let parts = try concurrentMap(all.count, "mitigating intruders") {
      index -> (EditableAdapter.Module, Mitigation) in
      let stored = all[index].stored
      guard let intruders = found[index].intruders, !intruders.intruders.isEmpty else {
        return (EditableAdapter.Module(stored), Mitigation(intruders: 0, distance: 0, move: 0))
      }
      let exact = try intruders.mitigating(all[index].update, factor: factor)
      let rank = all[index].update.values.count
      let (up, down) = exact.truncated(to: rank).balancedFactors
      let module = EditableAdapter.Module(
        path: stored.path, kind: stored.kind, down: FactorMatrix(down, rounded: stored.down.type),
        up: FactorMatrix(up, rounded: stored.up.type), scale: 1, magnitude: stored.magnitude)
      let move = SpectrumSummary(intruders.intruders.map { (1 - factor) * $0.value }).frobenius
      return (
        module,
        Mitigation(
          intruders: intruders.intruders.count,
          distance: SpectrumSummary(Array(exact.values.dropFirst(rank))).frobenius, move: move)
      )
    }
    let changes = parts.map(\.1)
    return (
      EditableAdapter(analysis.adapter, replacing: parts.map(\.0)),
      Mitigation(
        intruders: changes.reduce(0) { $0 + $1.intruders },
        distance: SpectrumSummary(changes.map(\.distance)).frobenius,
        move: SpectrumSummary(changes.map(\.move)).frobenius)
    )
  }
}
