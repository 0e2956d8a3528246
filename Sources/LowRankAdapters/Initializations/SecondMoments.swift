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
  /// What starts worked out of them.
  let shared = SharedWork()

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
    let width = mean.count
    result.elements.withUnsafeMutableBufferPointer { numbers in
      for row in 0..<width {
        for column in 0..<width { numbers[row * width + column] -= mean[row] * mean[column] }
      }
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
    let count = Double(max(1, count))
    let share = result.elements.withUnsafeMutableBufferPointer { numbers in
      var norm = 0.0
      for number in numbers { norm += number * number }
      let distance = norm - Double(width) * trace * trace
      let noise = max(0, (fourth - norm) / count)
      let share = distance > 0 ? min(1, noise / distance) : 1
      for index in numbers.indices { numbers[index] *= 1 - share }
      for index in 0..<width { numbers[index * width + index] += share * trace }
      return share
    }
    return (result, share)
  }

  /// The columns in panels, of which the sums of a second moment have the part above and on the diagonal.
  ///
  /// They take little more than half of the matrix.
  package static func panels(of width: Int) -> [Range<Int>] {
    let size = max(256, (width + 7) / 8)
    return stride(from: 0, to: width, by: size).map { $0..<min($0 + size, width) }
  }

  /// The numbers that the panels have.
  package static func numbers(of width: Int) -> Int {
    panels(of: width).reduce(0) { $0 + $1.count * $1.upperBound }
  }

  /// The moments of the rows of several together.
  package init(merging parts: [SecondMoments]) {
    let count = parts.reduce(0) { $0 + $1.count }
    let width = parts.first?.mean.count ?? 0
    var mean = [Double](repeating: 0, count: width)
    var matrix = HostMatrix<Float>(zeros: width, width)
    var fourth = 0.0
    for part in parts {
      let share = Double(part.count) / Double(max(1, count))
      for index in mean.indices { mean[index] += share * part.mean[index] }
      fourth += share * part.fourth
      matrix.elements.withUnsafeMutableBufferPointer { sum in
        part.matrix.elements.withUnsafeBufferPointer { own in
          for index in sum.indices { sum[index] += Float(share) * own[index] }
        }
      }
    }
    self.init(count: count, mean: mean, matrix: matrix, fourth: fourth)
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
