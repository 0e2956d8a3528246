import LowRankTensors

/// What keeps factors orthonormal exactly: gradients are projected before a step, and values retracted after it.
///
/// For a factor X with orthonormal columns and its gradient G the optimizer gets `G − X GᵀX`. Of its step Δ the part that
/// leaves the tangent space goes, `Δ ← Δ − X sym(XᵀΔ)`, and `X ← Z (ZᵀZ)^(−1/2)` with `Z = X + Δ`, the polar factor. Li et
/// al., "StelLA: Subspace Learning in Low-rank Adaptation using Stiefel Manifold", NeurIPS 2025, arXiv 2510.01938.
public struct StiefelRetraction: Sendable {
  /// The factors with orthonormal rows.
  public let rows: [Parameter]
  /// The factors with orthonormal columns.
  public let columns: [Parameter]

  /// The retraction of factors.
  public init(rows: [Parameter], columns: [Parameter]) {
    (self.rows, self.columns) = (rows, columns)
  }

  /// The factors.
  public var parameters: [Parameter] { rows + columns }

  /// The Riemannian gradient in the place of each gradient, f32.
  public func project(
    _ gradients: inout [Parameter: Tensor], _ store: ParameterStore, on engine: any Engine
  ) {
    for (parameter, isTurned) in rows.map({ ($0, false) }) + columns.map({ ($0, true) }) {
      guard var gradient = gradients.removeValue(forKey: parameter) else { continue }
      // With the directions as rows: S − (F Sᵀ) F.
      let factor = Matrix(store[parameter], transposed: isTurned)
      let slope = Matrix(gradient, transposed: isTurned)
      let cross = Matrix(engine.product(factor, slope.transposed, storedAs: .float32))
      let part =
        isTurned
        ? engine.product(factor.transposed, cross.transposed, storedAs: .float32)
        : engine.product(cross, factor, storedAs: .float32)
      engine.add(part, scale: -1, to: &gradient)
      gradients[parameter] = gradient
    }
  }

  /// Brings factors that an optimizer has stepped back to orthonormal ones.
  ///
  /// - Parameter before: the values before the step.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public func retract(
    _ store: inout ParameterStore, from before: ParameterStore, on engine: any Engine
  ) throws {
    let all = rows.map { ($0, false) } + columns.map { ($0, true) }
    let numbers = all.map { parameter, isTurned in
      (
        Self.directions(engine.doubles(before[parameter]), parameter, isTurned),
        Self.directions(engine.doubles(store[parameter]), parameter, isTurned), isTurned
      )
    }
    let retracted = try concurrentMap(numbers.count) { index in
      let (old, new, isTurned) = numbers[index]
      let result = try Self.retracted(new, from: old)
      return isTurned ? result.transposed : result
    }
    for ((parameter, _), matrix) in zip(all, retracted) {
      store[parameter] = engine.tensor(matrix.elements, parameter.shape)
    }
  }

  /// The numbers of a factor with its directions as rows.
  private static func directions(_ numbers: [Double], _ parameter: Parameter, _ isTurned: Bool)
    -> HostMatrix<Double>
  {
    let matrix = HostMatrix(numbers, rows: parameter.shape[0], columns: parameter.shape[1])
    return isTurned ? matrix.transposed : matrix
  }

  private static func retracted(_ new: HostMatrix<Double>, from old: HostMatrix<Double>) throws
    -> HostMatrix<Double>
  {
    let step = new.subtracting(old)
    let cross = step.multiplied(by: old.transposed)
    var symmetric = cross
    for row in 0..<cross.rows {
      for column in 0..<cross.columns {
        symmetric[row, column] = 0.5 * (cross[row, column] + cross[column, row])
      }
    }
    // Z = F + D − sym(D Fᵀ) F.
    let z = new.subtracting(symmetric.multiplied(by: old))
    let eigen = try SymmetricEigenDecomposition(z.multiplied(by: z.transposed))
    var scaled = eigen.vectors
    for (column, value) in eigen.values.enumerated() {
      for row in 0..<scaled.rows { scaled[row, column] /= value.squareRoot() }
    }
    return scaled.multiplied(by: eigen.vectors.transposed).multiplied(by: z)
  }
}
