import LowRankTensors

/// An update as plain LoRA: `ΔW = s·B A`, or the best approximation of ΔW of a rank.
///
/// Whatever looks at updates, prunes, adds or converts them works on this form, so it need not know the method.
public struct LoRAForm: Sendable {
  /// A, `[rank, inputs]`.
  public let down: HostMatrix<Float>
  /// B, `[outputs, rank]`.
  public let up: HostMatrix<Float>
  /// s.
  public let scale: Float
  /// DoRA's magnitudes m of the rows; nil for other methods.
  public var magnitude: [Float]?
  /// Whether the update is such a product whatever its numbers are, and nothing was cut.
  public let isExact: Bool
  /// `‖ΔW‖_F²` of the whole update; nil where nothing was cut.
  public let energy: Double?
  /// `‖ΔW − s·B A‖_F²`.
  public let discardedEnergy: Double

  /// The rank.
  public var rank: Int { down.rows }

  /// The form of a sum of low-rank terms: the A on top of each other, the B side by side, each over its own outputs.
  ///
  /// - Throws: `LinearAlgebraError` where it has to be cut and a number is not finite.
  public init(
    _ terms: [LowRankTerm], outputs: Int, inputs: Int, atMost limit: Int?, on engine: any Engine
  ) throws {
    let scale = terms.first?.scale ?? 1
    let rank = terms.reduce(0) { $0 + $1.down.shape.rows }
    var up = HostMatrix<Float>(zeros: outputs, rank)
    var column = 0
    for term in terms {
      let numbers = engine.floats(term.up)
      let (rows, own) = (term.up.shape.rows, term.up.shape.columns)
      let (first, factor) = (term.columns?.lowerBound ?? 0, term.scale / scale)
      for row in 0..<rows {
        for index in 0..<own {
          up[first + row, column + index] = factor * numbers[row * own + index]
        }
      }
      column += own
    }
    let down = HostMatrix(
      terms.flatMap { engine.floats($0.down) }, rows: rank, columns: inputs)
    guard rank > min(limit ?? rank, outputs, inputs) else {
      self.init(down: down, up: up, scale: scale, isExact: true, energy: nil, discardedEnergy: 0)
      return
    }
    let (b, a) = (
      try QRDecomposition(HostMatrix<Double>(widening: up)),
      try QRDecomposition(HostMatrix<Double>(widening: down).transposed)
    )
    let core = try SingularValueDecomposition(b.r.multiplied(by: a.r.transposed))
    self.init(
      b.q.multiplied(by: core.left), core.values, core.right.multiplied(by: a.q.transposed),
      energy: core.values.energy, scale: scale, atMost: limit, isExact: true)
  }

  /// The form of an update that is known as a matrix alone, `[outputs, inputs]`.
  ///
  /// Directions of less than 10⁻⁷ of the largest are its rounding to f32, and are left out.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(decomposing delta: HostMatrix<Float>, atMost limit: Int?) throws {
    let delta = HostMatrix<Double>(widening: delta)
    guard let limit, limit < min(delta.rows, delta.columns) else {
      let svd = try SingularValueDecomposition(delta)
      self.init(
        svd.left, svd.values, svd.right, energy: svd.values.energy, scale: 1, atMost: nil,
        isExact: false)
      return
    }
    let svd = try LeadingSingularVectors(limit, of: delta)
    self.init(
      svd.left, svd.values, svd.right, energy: delta.elements.energy, scale: 1, atMost: limit,
      isExact: false)
  }

  /// The balanced factors of the leading directions.
  private init(
    _ left: HostMatrix<Double>, _ values: [Double], _ right: HostMatrix<Double>, energy: Double,
    scale: Float, atMost limit: Int?, isExact: Bool
  ) {
    let least = 1e-7 * (values.first ?? 0)
    let kept = values.prefix(limit ?? values.count).prefix { $0 > least }
    let isCut = limit.map { kept.count == $0 && $0 < values.count } ?? false
    var up = HostMatrix<Float>(zeros: left.rows, kept.count)
    var down = HostMatrix<Float>(zeros: kept.count, right.columns)
    for (index, value) in kept.enumerated() {
      let root = value.squareRoot()
      for row in 0..<up.rows { up[row, index] = Float(root * left[row, index]) }
      for column in 0..<down.columns { down[index, column] = Float(root * right[index, column]) }
    }
    let square = Double(scale) * Double(scale)
    let remaining = max(0, energy - kept.reduce(0) { $0 + $1 * $1 })
    // What rounding alone leaves is not something that was cut.
    let isRest = limit != nil && remaining > 1e-12 * energy
    self.init(
      down: down, up: up, scale: scale, isExact: isExact && !isCut,
      energy: limit == nil ? nil : square * energy,
      discardedEnergy: isRest ? square * remaining : 0)
  }

  private init(
    down: HostMatrix<Float>, up: HostMatrix<Float>, scale: Float, isExact: Bool, energy: Double?,
    discardedEnergy: Double
  ) {
    (self.down, self.up, self.scale) = (down, up, scale)
    (self.isExact, self.energy, self.discardedEnergy) = (isExact, energy, discardedEnergy)
  }
}

extension [Double] {
  /// The sum of the squares.
  fileprivate var energy: Double { reduce(0) { $0 + $1 * $1 } }
}
