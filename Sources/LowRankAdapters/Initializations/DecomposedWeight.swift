import LowRankTensors

extension StartRequest {
  /// The frozen weight `[outputs, inputs]`, for a start that takes directions from it.
  ///
  /// - Throws: `AdapterError.invalid` where the map has fewer directions than the rank.
  func decomposable(by name: String) throws -> HostMatrix<Float> {
    let smaller = min(outputs, inputs)
    guard rank <= smaller else {
      throw AdapterError.invalid(
        key: "rank", value: "\(rank) for \(path)",
        expected: "at most \(smaller), the smaller extent of the map, for the start \(name)")
    }
    return HostMatrix(weight(), rows: outputs, columns: inputs)
  }

  /// Factors with `s·B A = U Σ Vᵀ`, each with the root of the singular values: `B = U √(Σ/s)`, `A = √(Σ/s) Vᵀ`.
  func factors<Scalar: LinearAlgebraScalar>(
    _ left: HostMatrix<Scalar>, _ values: [Scalar], _ right: HostMatrix<Scalar>
  ) -> StartingFactors {
    let roots = values.map { (Double($0) / Double(abs(scale))).squareRoot() }
    let sign: Double = scale < 0 ? -1 : 1
    return StartingFactors(
      down: (0..<right.rows).flatMap { row in
        (0..<right.columns).map { Float(roots[row] * Double(right[row, $0])) }
      },
      up: (0..<left.rows).flatMap { row in
        (0..<left.columns).map { Float(sign * roots[$0] * Double(left[row, $0])) }
      })
  }
}
