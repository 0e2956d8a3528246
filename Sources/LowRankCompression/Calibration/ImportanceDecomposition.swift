import LowRankAdapters
import LowRankTensors

/// A module's update in its singular components, the most important first.
struct ImportanceDecomposition: ModuleDecomposition {
  /// The root of each component's importance in the place of its singular value.
  let spectrum: Spectrum
  private let plain: FactorDecomposition
  /// The places of components among the singular values, the most important first.
  private let order: [Int]

  /// - Parameter scores: the importance of each component, in the order of the singular values.
  init(_ plain: FactorDecomposition, scores: [Double]) {
    self.plain = plain
    order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    spectrum = Spectrum(
      path: plain.spectrum.path, values: order.map { max(0, scores[$0]).squareRoot() },
      parametersPerRank: plain.spectrum.parametersPerRank,
      isEmbedding: plain.spectrum.isEmbedding, leastRank: plain.spectrum.leastRank)
  }

  var energy: Double { plain.energy }

  func truncated(_ module: StoredModule, to rank: Int) throws -> TruncatedUpdate {
    // Among what is kept, the order of the singular values stays. What has no size has no direction either.
    let kept = order.prefix(rank).sorted().filter { plain.values[$0] > 0 }
    var up = HostMatrix<Double>(zeros: plain.upMap.rows, kept.count)
    var down = HostMatrix<Double>(zeros: kept.count, plain.downMap.columns)
    for (place, component) in kept.enumerated() {
      let inverse = 1 / plain.values[component].squareRoot()
      for row in 0..<up.rows { up[row, place] = plain.upMap[row, component] * inverse }
      for column in 0..<down.columns {
        down[place, column] = plain.downMap[component, column] * inverse
      }
    }
    let rest = kept.reduce(0) { $0 + plain.spectrum.values[$1] * plain.spectrum.values[$1] }
    return TruncatedUpdate(
      up: try module.up.floatMatrix().multiplied(by: up),
      down: down.multiplied(by: try module.down.floatMatrix()),
      largest: kept.map { plain.values[$0] }.max() ?? 0,
      discardedEnergy: max(0, energy - rest))
  }
}
