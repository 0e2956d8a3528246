import LowRankTensors

/// The channels in an order that makes correlated ones neighbours: that of the Fiedler vector of the graph whose weights are
/// |corr|.
///
/// The vector belongs to the second smallest eigenvalue of the graph's Laplacian `D − |corr|`; the smallest is of the constant.
package struct Seriation {
  /// The channels, neighbours beside each other.
  package let order: [Int]

  /// The order of the channels of a covariance.
  ///
  /// - Throws: `LinearAlgebraError`.
  package init(_ covariance: HostMatrix<Double>) throws {
    let size = covariance.rows
    guard size > 2 else {
      order = Array(0..<size)
      return
    }
    // −(D − |corr|), in the place of the covariance.
    var graph = covariance
    let degrees = Self.makeGraph(&graph)
    let values =
      size > SmoothDirections.exactBelow
      ? try Self.leading(graph, degrees)
      : try SymmetricEigenDecomposition(graph).vectors.columns(1..<2).elements
    order = (0..<size).sorted { (values[$0], $0) < (values[$1], $1) }
  }

  /// Makes `|corr| − D` of a covariance, and returns the diagonal of D.
  private static func makeGraph(_ matrix: inout HostMatrix<Double>) -> [Double] {
    let size = matrix.rows
    let roots = (0..<size).map { max(matrix[$0, $0], 0).squareRoot() }
    let inverses = roots.map { $0 > 0 ? 1 / $0 : 0 }
    var degrees = [Double](repeating: 0, count: size)
    matrix.elements.withUnsafeMutableBufferPointer { numbers in
      for row in 0..<size {
        var degree = 0.0
        for column in 0..<size {
          let weight = abs(numbers[row * size + column]) * inverses[row] * inverses[column]
          numbers[row * size + column] = weight
          degree += row == column ? 0 : weight
        }
        numbers[row * size + row] = -degree
        degrees[row] = degree
      }
    }
    return degrees
  }

  /// The leading eigenvector beside the constant one, by products alone.
  private static func leading(
    _ graph: HostMatrix<Double>, _ degrees: [Double]
  ) throws -> [Double] {
    let size = graph.rows
    var random = Philox(key: 0)
    let start = HostMatrix((0..<6 * size).map { _ in random.normal() }, rows: 6, columns: size)
    let mean = degrees.reduce(0, +) / Double(size)
    func centred(_ rows: HostMatrix<Double>) -> HostMatrix<Double> {
      var result = rows
      for row in 0..<rows.rows {
        let places = row * size..<(row + 1) * size
        let mean = rows.elements[places].reduce(0, +) / Double(size)
        for place in places { result.elements[place] -= mean }
      }
      return result
    }
    let found = try LeadingEigenvectors(
      1, from: centred(start), effort: .init(tolerance: 1e-5, rounds: 60),
      product: { centred($0.multiplied(by: graph)) },
      solve: { residuals, values in
        var result = residuals
        for row in 0..<residuals.rows {
          for column in 0..<size {
            result[row, column] /= max(degrees[column] + values[row], 1e-3 * mean)
          }
        }
        return centred(result)
      })
    return found.rows.elements
  }
}
