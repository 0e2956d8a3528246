import LowRankTensors

/// Normal random numbers.
package func noise(_ rows: Int, _ columns: Int, seed: UInt64) -> HostMatrix<Double> {
  var random = Philox(key: seed)
  return HostMatrix(
    (0..<rows * columns).map { _ in Double(random.normal()) }, rows: rows, columns: columns)
}

package func * (matrix: HostMatrix<Double>, factor: Double) -> HostMatrix<Double> {
  matrix.scaled(by: factor)
}

package func - (left: HostMatrix<Double>, right: HostMatrix<Double>) -> HostMatrix<Double> {
  left.subtracting(right)
}

extension HostMatrix<Double> {
  /// Σx².
  package var energy: Double { elements.reduce(0) { $0 + $1 * $1 } }
}
