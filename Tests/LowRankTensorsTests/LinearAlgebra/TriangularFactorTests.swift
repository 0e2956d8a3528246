import LowRankTensors
import Testing

@Suite struct `The triangle of a tall matrix` {
  private func noise(_ rows: Int, _ columns: Int, key: UInt64 = 3) -> HostMatrix<Double> {
    var random = Philox(key: key)
    return HostMatrix(
      (0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
  }

  /// `U diag(κ^(−i/(n−1))) Vᵀ`, of condition number κ.
  private func conditioned(_ rows: Int, _ columns: Int, _ condition: Double) throws
    -> HostMatrix<Double>
  {
    var left = try QRDecomposition(noise(rows, columns)).q
    let right = try QRDecomposition(noise(columns, columns, key: 4)).q
    for column in 0..<columns {
      let value = pow(condition, -Double(column) / Double(columns - 1))
      for row in 0..<rows { left[row, column] *= value }
    }
    return left.multiplied(by: right.transposed)
  }

  private func pow(_ base: Double, _ exponent: Double) -> Double {
    var result = 1.0
    // 2^-20 steps are exact enough to spread singular values.
    let steps = 1 << 10
    var root = base
    for _ in 0..<10 { root = root.squareRoot() }
    for _ in 0..<Int((abs(exponent) * Double(steps)).rounded()) { result *= root }
    return exponent < 0 ? 1 / result : result
  }

  /// The largest error of a singular value of R, relative to itself.
  private func error(_ r: HostMatrix<Double>, of matrix: HostMatrix<Double>) throws -> Double {
    let found = try SingularValueDecomposition(r).values
    let expected = try SingularValueDecomposition(QRDecomposition(matrix).r).values
    return zip(found, expected).map { abs($0 - $1) / $1 }.max() ?? 0
  }

  @Test("has the singular values of the matrix", arguments: [1.0, 10, 1e3, 1e5])
  func values(condition: Double) throws {
    let matrix = try conditioned(700, 24, condition)
    let r = try TriangularFactor(matrix).r
    #expect(r.rows == 24 && r.columns == 24)
    // Householder's own error grows like this.
    #expect(try error(r, of: matrix) < 1e-13 * max(20, condition))
    for row in 0..<24 {
      for column in 0..<row { #expect(r[row, column] == 0) }
    }
  }

  @Test("has small singular values right where columns are only of unequal length")
  func scaling() throws {
    var matrix = noise(700, 24)
    for column in 0..<24 {
      let factor = pow(10, -Double(column) / 2)
      for row in 0..<700 { matrix[row, column] *= factor }
    }
    // Twelve powers of ten lie between the largest and the least.
    #expect(try error(TriangularFactor(matrix).r, of: matrix) < 1e-11)
  }

  @Test("is found for columns that depend on each other")
  func dependent() throws {
    var matrix = noise(300, 8)
    for row in 0..<300 { matrix[row, 5] = matrix[row, 1] - 2 * matrix[row, 3] }
    let r = try TriangularFactor(matrix).r
    let values = try SingularValueDecomposition(r).values
    #expect(values[7] < 1e-13 * values[0] && values[6] > 0.1 * values[0])
    let (gram, expected) = (
      r.transposed.multiplied(by: r), matrix.transposed.multiplied(by: matrix)
    )
    for (found, wanted) in zip(gram.elements, expected.elements) {
      #expect(abs(found - wanted) < 1e-11 * 300)
    }
  }

  @Test("is zero for zeros")
  func zeros() throws {
    let zeros = HostMatrix<Double>(zeros: 100, 4)
    #expect(try TriangularFactor(zeros).r == HostMatrix(zeros: 4, 4))
    var partly = noise(100, 4)
    for row in 0..<100 { partly[row, 2] = 0 }
    let r = try TriangularFactor(partly).r
    #expect(abs(r.frobeniusNorm - partly.frobeniusNorm) < 1e-12 * partly.frobeniusNorm)
  }

  @Test("is the same from single precision, upright and lying", arguments: [true, false])
  func floats(isWide: Bool) throws {
    let floats = HostMatrix(
      noise(1300, 16).elements.map { Float($0) }, rows: 1300, columns: 16)
    let expected = try TriangularFactor(
      HostMatrix(floats.elements.map { Double($0) }, rows: 1300, columns: 16)
    ).r
    let r = try TriangularFactor(
      of: isWide ? floats.transposed : floats, transposed: isWide
    ).r
    for (found, wanted) in zip(r.elements, expected.elements) {
      #expect(abs(found - wanted) < 1e-12)
    }
  }

  @Test("of numbers that are none is refused", arguments: [Float.nan, .infinity])
  func refusal(number: Float) {
    var floats = HostMatrix<Float>(zeros: 40, 4)
    floats[30, 2] = number
    #expect(throws: LinearAlgebraError.self) {
      try TriangularFactor(of: floats, transposed: false)
    }
    #expect(throws: LinearAlgebraError.self) {
      try TriangularFactor(of: floats.transposed, transposed: true)
    }
  }

  @Test("multiplies matrices of single precision in double")
  func products() {
    let (a, b) = (noise(1100, 5), noise(5, 3))
    let floats = HostMatrix(a.elements.map { Float($0) }, rows: 1100, columns: 5)
    let wide = HostMatrix(floats.elements.map { Double($0) }, rows: 1100, columns: 5)
    #expect(floats.multiplied(by: b).elements == wide.multiplied(by: b).elements)
    let (left, expected) = (
      b.transposed.multiplied(by: floats.transposed),
      b.transposed.multiplied(by: wide.transposed)
    )
    for (found, wanted) in zip(left.elements, expected.elements) {
      #expect(abs(found - wanted) < 1e-13)
    }
  }
}
