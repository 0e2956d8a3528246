import LowRank

/// What an adapter adds to one matrix of a layer, also where that is a slice of a fused map.
struct MatrixUpdate {
  /// What the matrix does.
  let role: Site.Role
  /// The number of its layer.
  let layer: Int
  /// ΔW as U, Σ and V.
  let update: UpdateDecomposition
  /// The left singular vectors of B, as columns.
  let upVectors: HostMatrix<Double>
  /// The right singular vectors of A, as columns.
  let downVectors: HostMatrix<Double>
  /// W, `[outputs, inputs]`.
  let weight: HostMatrix<Double>

  /// The updates of all matrices, in the order of the model.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  static func all(of adapter: Adapter) throws -> [MatrixUpdate] {
    let (engine, store) = (adapter.base.engine, adapter.base.store)
    func matrix(_ tensor: Tensor) -> HostMatrix<Double> {
      HostMatrix(
        engine.floats(tensor).map(Double.init), rows: tensor.shape[0], columns: tensor.shape[1])
    }
    return try zip(adapter.sites, adapter.updates).flatMap { site, update -> [MatrixUpdate] in
      guard let update = update as? LowRankUpdate else { return [] }
      return try update.factors.map { pair in
        let slice = site.slices?.first { $0.outputs == pair.outputs }
        let (up, down) = (matrix(adapter.values[pair.up]), matrix(adapter.values[pair.down]))
        return MatrixUpdate(
          role: slice?.role ?? site.site.role, layer: ModulePlace(site.path).layer ?? 0,
          update: try UpdateDecomposition(
            path: site.path, up: up, down: down, scale: Double(update.scale)),
          upVectors: try SingularValueDecomposition(up).left,
          downVectors: try SingularValueDecomposition(down.transposed).left,
          weight: matrix(
            site.map.dense(rows: pair.outputs ?? 0..<site.map.outputs, store, engine)))
      }
    }
  }

  /// The leading singular vectors of ΔW that are not rounding errors, as columns.
  func vectors(_ side: Side) -> HostMatrix<Double> {
    let sized = update.truncated(to: max(1, update.sizedValues.count))
    switch side {
    case .reads: return sized.right.transposed
    case .writes: return sized.left
    case .readsByFactor: return downVectors
    }
  }

  /// Which singular vectors are compared.
  enum Side: String, CaseIterable {
    /// The right ones of ΔW.
    case reads
    /// The left ones of ΔW.
    case writes
    /// The right ones of A, as in the paper.
    case readsByFactor

    /// What they are.
    var title: String {
      switch self {
      case .reads: "right vectors of ΔW"
      case .writes: "left vectors of ΔW"
      case .readsByFactor: "right vectors of A"
      }
    }

    /// The same where there is little room.
    var shortTitle: String {
      switch self {
      case .reads: "ΔW right"
      case .writes: "ΔW left"
      case .readsByFactor: "A right"
      }
    }
  }
}
