import LowRankTensors
import Testing

@Suite struct `Factorisations of plain matrices` {
  private static let shapes = [(1, 1), (7, 7), (40, 6), (6, 40), (0, 3), (3, 0)]

  private func noise<Scalar: LinearAlgebraScalar>(_ rows: Int, _ columns: Int)
    -> HostMatrix<Scalar>
  {
    var random = Philox(key: 7)
    return HostMatrix(
      (0..<rows * columns).map { _ in Scalar(random.normal()) }, rows: rows, columns: columns)
  }

  private func distance<Scalar>(_ a: HostMatrix<Scalar>, _ b: HostMatrix<Scalar>) -> Scalar {
    zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
  }

  private func identity<Scalar>(_ size: Int) -> HostMatrix<Scalar> {
    var matrix = HostMatrix<Scalar>(zeros: size, size)
    for index in 0..<size { matrix[index, index] = 1 }
    return matrix
  }

  private func checkSVD<Scalar: LinearAlgebraScalar>(_ a: HostMatrix<Scalar>, _ allowed: Scalar)
    throws
  {
    let svd = try SingularValueDecomposition(a)
    let count = min(a.rows, a.columns)
    var scaled = svd.right
    for row in 0..<count {
      for column in 0..<a.columns { scaled[row, column] *= svd.values[row] }
    }
    #expect(distance(svd.left.multiplied(by: scaled), a) <= allowed)
    #expect(
      distance(svd.left.transposed.multiplied(by: svd.left), identity(count)) <= allowed)
    #expect(
      distance(svd.right.multiplied(by: svd.right.transposed), identity(count)) <= allowed)
    #expect(svd.values == svd.values.sorted(by: >))
  }

  @Test(arguments: shapes)
  func `multiply back to the matrix after an SVD`(_ rows: Int, _ columns: Int) throws {
    try checkSVD(noise(rows, columns) as HostMatrix<Double>, 1e-12)
    try checkSVD(noise(rows, columns) as HostMatrix<Float>, 2e-5)
  }

  @Test(arguments: shapes)
  func `multiply back to the matrix after a QR`(_ rows: Int, _ columns: Int) throws {
    let a: HostMatrix<Double> = noise(rows, columns)
    let qr = try QRDecomposition(a)
    #expect(qr.q.columns == min(rows, columns))
    #expect(distance(qr.q.multiplied(by: qr.r), a) <= 1e-12)
    #expect(
      distance(qr.q.transposed.multiplied(by: qr.q), identity(min(rows, columns))) <= 1e-12)
    for row in 0..<qr.r.rows {
      for column in 0..<row { #expect(qr.r[row, column] == 0) }
    }
  }

  @Test func `find the eigenvalues of a symmetric matrix, largest first`() throws {
    let half: HostMatrix<Double> = noise(9, 9)
    let a = half.multiplied(by: half.transposed)
    let eigen = try SymmetricEigenDecomposition(a)
    #expect(eigen.values == eigen.values.sorted(by: >))
    let image = a.multiplied(by: eigen.vectors)
    var expected = eigen.vectors
    for row in 0..<9 {
      for column in 0..<9 { expected[row, column] *= eigen.values[column] }
    }
    #expect(distance(image, expected) <= 1e-10)
  }

  @Test func `solve a system`() throws {
    let (a, x): (HostMatrix<Double>, HostMatrix<Double>) = (noise(8, 8), noise(8, 3))
    #expect(distance(try a.solve(a.multiplied(by: x)), x) <= 1e-10)
  }

  @Test func `refuse a singular system`() {
    let a = HostMatrix<Double>([1, 2, 2, 4], rows: 2, columns: 2)
    #expect(throws: LinearAlgebraError.singular(size: 2)) { try a.solve(a) }
  }

  @Test(arguments: [Double.nan, .infinity])
  func `refuse numbers that are none`(_ number: Double) {
    let a = HostMatrix([1, number, number, 1], rows: 2, columns: 2)
    #expect(throws: LinearAlgebraError.self) { try SingularValueDecomposition(a) }
    #expect(throws: LinearAlgebraError.self) { try QRDecomposition(a) }
    #expect(throws: LinearAlgebraError.self) { try SymmetricEigenDecomposition(a) }
    #expect(throws: LinearAlgebraError.self) { try a.solve(a) }
  }

  @Test func `say what failed`() {
    let error = LinearAlgebraError.notFinite(operation: "QR decomposition", rows: 2, columns: 3)
    #expect(
      error.description
        == "the QR decomposition of a 2 × 3 matrix that holds NaN or infinity does not exist")
  }
}
