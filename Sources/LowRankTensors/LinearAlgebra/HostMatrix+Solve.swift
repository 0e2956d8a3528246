extension HostMatrix {
  /// The solution X of `self · X = right`, for a square matrix.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is singular or a number not finite.
  public func solve(_ right: HostMatrix) throws(LinearAlgebraError) -> HostMatrix {
    precondition(
      rows == columns && right.rows == rows,
      "\(rows) × \(columns) X = \(right.rows) × \(right.columns)")
    try LinearAlgebraLibrary.check()
    try requireFinite(for: "inverse")
    try right.requireFinite(for: "solution")
    var (a, solution) = (elements, right)
    guard rows > 0 && right.columns > 0 else { return solution }
    let status = Scalar.gesv(Int32(rows), Int32(right.columns), &a, &solution.elements)
    guard status == 0 else { throw .singular(size: rows) }
    return solution
  }
}
