import CLAPACK

/// A matrix with far more rows than columns, of which one block of rows is in memory at a time.
struct TallMatrix {
  let rows: Int
  let columns: Int
  /// Whether blocks are in column-major order.
  let isTransposed: Bool
  /// Writes a range of rows.
  let fill: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
}

/// The triangular factor of a thin QR decomposition, by Cholesky decomposition of the Gram matrix, `AᵀA = RᵀR`.
///
/// It consists of matrix products, which take a fraction of the time of Householder reflections. Let κ be the
/// condition number of A with columns scaled to length 1; the scaling of columns only scales those of R. Singular
/// values of R, and of products with it, have a relative error of about ε κ². If κ is not small, a second pass with
/// `A R⁻¹` corrects this (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, ETNA 44, 2015); if κ is large, there is no
/// result.
enum GramTriangle {
  private static let blockRows = 512

  /// Returns the upper triangular factor, with a positive diagonal; nil if columns are nearly dependent or a number
  /// is not finite.
  static func factor(_ matrix: TallMatrix) -> HostMatrix<Double>? {
    let size = matrix.columns
    let gram = gram(matrix, times: nil)
    let squares = (0..<size).map { gram[$0, $0] }
    if squares.allSatisfy({ $0 == 0 }) { return HostMatrix(zeros: size, size) }
    guard squares.allSatisfy({ $0 > 1e-200 && $0 < 1e200 }), let r = cholesky(gram),
      let inverse = inverse(r)
    else { return nil }
    // Frobenius norms give an upper bound on κ, which is `size` for orthogonal columns.
    var sum = 0.0
    for row in 0..<size {
      for column in row..<size { sum += squares[row] * inverse[row, column] * inverse[row, column] }
    }
    let condition = (sum * Double(size)).squareRoot()
    if condition <= 4 * Double(size) { return r }
    guard condition <= 1e7 * Double(size).squareRoot() else { return nil }
    let second = self.gram(matrix, times: inverse)
    for row in 0..<size {
      for column in row..<size {
        guard abs(second[row, column] - (row == column ? 1 : 0)) < 0.1 else { return nil }
      }
    }
    return cholesky(second)?.multiplied(by: r)
  }

  /// The upper half of the Gram matrix of `matrix`, or of its product with an upper triangular matrix.
  private static func gram(_ matrix: TallMatrix, times triangle: HostMatrix<Double>?)
    -> HostMatrix<Double>
  {
    let size = matrix.columns
    var sum = HostMatrix<Double>(zeros: size, size)
    let block = UnsafeMutablePointer<Double>.allocate(capacity: blockRows * size)
    defer { block.deallocate() }
    let columns = Int32(size)
    for start in stride(from: 0, to: matrix.rows, by: blockRows) {
      let range = start..<min(start + blockRows, matrix.rows)
      let rows = Int32(range.count)
      matrix.fill(range, block)
      let width = matrix.isTransposed ? rows : columns
      if let triangle {
        // X ← X W, or Xᵀ ← Wᵀ Xᵀ.
        cblas_dtrmm(
          CblasRowMajor, matrix.isTransposed ? CblasLeft : CblasRight, CblasUpper,
          matrix.isTransposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
          matrix.isTransposed ? columns : rows, width, 1, triangle.elements, columns, block, width)
      }
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, matrix.isTransposed ? CblasNoTrans : CblasTrans, columns, rows,
        1, block, width, 1, &sum.elements, columns)
    }
    return sum
  }

  /// R of `RᵀR`, a symmetric matrix given by its upper half; nil if it is not positive definite.
  static func cholesky(_ matrix: HostMatrix<Double>) -> HostMatrix<Double>? {
    var r = matrix
    let size = Int32(r.rows)
    // LAPACK sees the transpose, and so the lower half.
    let status = LAPACKE_dpotrf(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), size, &r.elements, size)
    guard status == 0 else { return nil }
    for row in 1..<max(r.rows, 1) {
      for column in 0..<row { r[row, column] = 0 }
    }
    return r
  }

  private static func inverse(_ triangle: HostMatrix<Double>) -> HostMatrix<Double>? {
    var inverse = triangle
    let size = Int32(inverse.rows)
    let status = LAPACKE_dtrtri(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), CChar(UInt8(ascii: "N")), size,
      &inverse.elements, size)
    return status == 0 ? inverse : nil
  }
}
