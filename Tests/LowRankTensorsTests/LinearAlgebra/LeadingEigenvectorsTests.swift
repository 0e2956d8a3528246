import LowRankTensors
import Testing

@Suite struct `Leading eigenvectors of an operator` {
  private func noise(_ rows: Int, _ columns: Int, key: UInt64) -> HostMatrix<Double> {
    var random = Philox(key: key)
    return HostMatrix(
      (0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
  }

  /// A symmetric matrix with the eigenvalues 1, 1/2, 1/3 and so on, of both signs where asked for.
  private func matrix(_ size: Int, isDefinite: Bool) throws -> HostMatrix<Double> {
    let vectors = try QRDecomposition(noise(size, size, key: 1)).q
    var scaled = vectors.transposed
    for row in 0..<size {
      let sign: Double = isDefinite || row % 2 == 0 ? 1 : -1
      for column in 0..<size { scaled[row, column] *= sign / Double(row + 1) }
    }
    return vectors.multiplied(by: scaled)
  }

  @Test(arguments: [true, false]) func `are those of the whole decomposition`(isDefinite: Bool)
    throws
  {
    let matrix = try matrix(310, isDefinite: isDefinite)
    let whole = try SymmetricEigenDecomposition(matrix)
    var products = 0
    let found = try LeadingEigenvectors(
      6, from: noise(9, 310, key: 2), effort: .init(tolerance: 1e-9, rounds: 60)
    ) { rows in
      products += rows.rows
      return rows.multiplied(by: matrix)
    }
    #expect(found.hasConverged && products < 310 && found.block.rows == 9)
    for index in 0..<6 {
      #expect(abs(found.values[index] - whole.values[index]) < 1e-12)
      var cosine = 0.0
      for column in 0..<310 { cosine += found.rows[index, column] * whole.vectors[column, index] }
      #expect(abs(abs(cosine) - 1) < 1e-10)
    }
  }

  @Test func `need fewer products with an approximate inverse`() throws {
    // A diagonal that spreads far, and a little beside it.
    var matrix = try matrix(300, isDefinite: true)
    for index in 0..<300 { matrix[index, index] -= Double(index * index) }
    func found(_ hasInverse: Bool) throws -> (LeadingEigenvectors, Int) {
      var products = 0
      let found = try LeadingEigenvectors(
        3, from: noise(6, 300, key: 3), effort: .init(tolerance: 1e-6, rounds: 400),
        product: { rows in
          products += rows.rows
          return rows.multiplied(by: matrix)
        },
        solve: hasInverse
          ? { rows, values in
            var rows = rows
            for row in 0..<rows.rows {
              for column in 0..<300 {
                rows[row, column] /= max(values[row] + Double(column * column), 1)
              }
            }
            return rows
          } : nil)
      return (found, products)
    }
    let (with, without) = (try found(true), try found(false))
    let values = try SymmetricEigenDecomposition(matrix).values
    #expect(with.0.hasConverged && with.1 * 3 < without.1, "\(with.1), \(without.1)")
    for index in 0..<3 { #expect(abs(with.0.values[index] - values[index]) < 1e-6) }
  }

  @Test func `say where they have not converged, and end with the whole space`() throws {
    let matrix = try matrix(200, isDefinite: true)
    let found = try LeadingEigenvectors(
      4, from: noise(4, 200, key: 4), effort: .init(tolerance: 1e-12, rounds: 1)
    ) { $0.multiplied(by: matrix) }
    #expect(!found.hasConverged)
    let small = matrix.rows(0..<5).columns(0..<5)
    let all = try LeadingEigenvectors(
      2, from: noise(5, 5, key: 5), effort: .init(tolerance: 0, rounds: 9)
    ) { $0.multiplied(by: small) }
    let values = try SymmetricEigenDecomposition(small).values
    #expect(all.hasConverged && abs(all.values[1] - values[1]) < 1e-12)
  }
}
