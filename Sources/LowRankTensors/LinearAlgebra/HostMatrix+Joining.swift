extension HostMatrix {
  /// The columns of this matrix and, to their right, those of another.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func beside(_ other: HostMatrix) -> HostMatrix {
    precondition(rows == other.rows, "\(rows) rows beside \(other.rows)")
    var elements: [Scalar] = []
    elements.reserveCapacity(self.elements.count + other.elements.count)
    for row in 0..<rows {
      elements += self.elements[row * columns..<(row + 1) * columns]
      elements += other.elements[row * other.columns..<(row + 1) * other.columns]
    }
    return HostMatrix(elements, rows: rows, columns: columns + other.columns)
  }

  /// The rows of this matrix and, below them, those of another.
  public func above(_ other: HostMatrix) -> HostMatrix {
    precondition(columns == other.columns, "\(columns) columns above \(other.columns)")
    return HostMatrix(
      elements + other.elements, rows: rows + other.rows, columns: columns)
  }
}
