extension HostMatrix {
  /// The Frobenius norm, the root of the sum of squares.
  public var frobeniusNorm: Scalar {
    @_specialize(where Scalar == Double)
    @_specialize(where Scalar == Float)
    get {
      var sum: Scalar = 0
      for number in elements { sum += number * number }
      return sum.squareRoot()
    }
  }

  /// The difference `self − other`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func subtracting(_ other: HostMatrix) -> HostMatrix {
    precondition(
      rows == other.rows && columns == other.columns,
      "\(rows) × \(columns) less \(other.rows) × \(other.columns)")
    var result = self
    for index in elements.indices { result.elements[index] -= other.elements[index] }
    return result
  }

  /// The matrix times a number.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func scaled(by factor: Scalar) -> HostMatrix {
    var result = self
    for index in elements.indices { result.elements[index] *= factor }
    return result
  }
}
