import LowRankTensors

/// The rank-one components of a product of factors, in an order of their own and free of signs and powers of two.
///
/// All of it is exact, so factors that differ by those alone become the same numbers.
package struct ExactComponents {
  /// The factors, B `[outputs, rank]` and A `[rank, inputs]`; nil where all components are zero.
  package let factors: (up: HostMatrix<Double>, down: HostMatrix<Double>)?

  package init(up: HostMatrix<Double>, down: HostMatrix<Double>) {
    let columns = up.transposed
    let components = (0..<down.rows).compactMap { index in
      Self.normalized(
        down: down.rows(index..<index + 1).elements, up: columns.rows(index..<index + 1).elements)
    }.sorted {
      $0.down == $1.down
        ? $0.up.lexicographicallyPrecedes($1.up) : $0.down.lexicographicallyPrecedes($1.down)
    }
    guard !components.isEmpty else {
      factors = nil
      return
    }
    factors = (
      HostMatrix(components.flatMap(\.up), rows: components.count, columns: up.rows).transposed,
      HostMatrix(components.flatMap(\.down), rows: components.count, columns: down.columns)
    )
  }

  /// The component with the largest number of A from 1 to 2 and its first one positive; nil where it is zero.
  private static func normalized(down: [Double], up: [Double]) -> (down: [Double], up: [Double])? {
    guard let first = down.first(where: { $0 != 0 }), up.contains(where: { $0 != 0 }) else {
      return nil
    }
    let exponent = down.map { abs($0) }.max()?.exponent ?? 0
    let sign: FloatingPointSign = first < 0 ? .minus : .plus
    let factor = Double(sign: sign, exponent: -exponent, significand: 1)
    let inverse = Double(sign: sign, exponent: exponent, significand: 1)
    return (down.map { $0 * factor }, up.map { $0 * inverse })
  }
}
