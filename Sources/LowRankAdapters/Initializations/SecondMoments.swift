import LowRankTensors

/// The second moment E[xxᵀ] of rows x, in single precision, with what centring and shrinking it take.
public struct SecondMoments: Sendable {
  /// The number of rows N, or of sequences where each is scaled.
  public let count: Int
  /// E[x].
  public let mean: [Double]
  /// E[xxᵀ], of which both triangles are there.
  public let matrix: HostMatrix<Float>
  /// E[‖x‖⁴].
  public let fourth: Double

  /// Moments that were added up elsewhere.
  public init(count: Int, mean: [Double], matrix: HostMatrix<Float>, fourth: Double) {
    precondition(
      matrix.rows == mean.count && matrix.columns == mean.count, "a mean of \(mean.count) numbers")
    (self.count, self.mean, self.matrix, self.fourth) = (count, mean, matrix, fourth)
  }

  /// The moments of the rows of a matrix.
  public init(of rows: HostMatrix<Double>) {
    let (count, width) = (Double(max(1, rows.rows)), rows.columns)
    var mean = [Double](repeating: 0, count: width)
    var fourth = 0.0
    for row in 0..<rows.rows {
      var square = 0.0
      for column in 0..<width {
        mean[column] += rows[row, column] / count
        square += rows[row, column] * rows[row, column]
      }
      fourth += square * square / count
    }
    let sum = rows.transposed.multiplied(by: rows)
    self.init(
      count: rows.rows, mean: mean,
      matrix: HostMatrix(sum.elements.map { Float($0 / count) }, rows: width, columns: width),
      fourth: fourth)
  }

  /// The covariance `E[xxᵀ] − E[x]E[x]ᵀ`.
  public var covariance: HostMatrix<Double> {
    var result = HostMatrix<Double>(widening: matrix)
    for row in 0..<result.rows {
      for column in 0..<result.columns { result[row, column] -= mean[row] * mean[column] }
    }
    return result
  }

  /// `(1 − a) S + a·(tr S / n) I`, with S the second moment and a as Ledoit and Wolf estimate it from the rows.
  ///
  /// With `d² = ‖S − (tr S / n) I‖²` and `b² = (E‖x‖⁴ − ‖S‖²) / N`, `a = min(1, b² / d²)`: the fewer rows there are, the nearer
  /// the result is to a multiple of I. Ledoit and Wolf, "A Well-Conditioned Estimator for Large-Dimensional Covariance
  /// Matrices", Journal of Multivariate Analysis 88(2), 2004, for a known mean of zero.
  public var shrunk: (matrix: HostMatrix<Double>, share: Double) {
    var result = HostMatrix<Double>(widening: matrix)
    let width = result.rows
    let trace = (0..<width).reduce(0) { $0 + result[$1, $1] } / Double(max(1, width))
    let norm = result.elements.reduce(0) { $0 + $1 * $1 }
    let distance = norm - Double(width) * trace * trace
    let noise = max(0, (fourth - norm) / Double(max(1, count)))
    let share = distance > 0 ? min(1, noise / distance) : 1
    for index in result.elements.indices { result.elements[index] *= 1 - share }
    for index in 0..<width { result[index, index] += share * trace }
    return (result, share)
  }
}

extension HostMatrix<Double> {
  /// The leading eigenvalues and eigenvectors, as rows, of a symmetric matrix without negative eigenvalues.
  ///
  /// Large matrices are decomposed by a randomised method with eight power iterations.
  /// - Throws: `LinearAlgebraError`.
  func leadingEigenvectors(_ count: Int) throws -> (values: [Double], rows: HostMatrix<Double>) {
    guard rows > 1024 else {
      let eigen = try SymmetricEigenDecomposition(self)
      return (Array(eigen.values.prefix(count)), eigen.vectors.columns(0..<count).transposed)
    }
    let leading = try LeadingSingularVectors(count, of: self, oversampling: count, iterations: 8)
    return (leading.values, leading.right)
  }
}
