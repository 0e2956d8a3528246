import LowRankTensors

/// The corner of a frozen matrix that a map of fewer inputs or outputs uses.
extension Tensor {
  /// The first columns of a matrix; itself where it has no more.
  func leading(columns: Int, _ engine: any Engine) -> Tensor {
    columns == shape.columns ? self : engine.columns(0..<columns, of: self)
  }

  /// The first rows of a matrix.
  func leading(rows: Int) -> Tensor { viewed(rows: 0..<rows) }
}

extension Computation {
  /// `diag(v) M`: every row of a matrix times its own number.
  func scaledRows(_ matrix: Tensor, by vector: Tensor) -> Tensor {
    transposed(scaledColumns(transposed(matrix), by: vector))
  }
}
