import LowRankTensors
import Testing

@Suite struct `Cholesky decompositions` {
  private func noise(_ rows: Int, _ columns: Int, key: UInt64) -> HostMatrix<Double> {
    var random = Philox(key: key)
    return HostMatrix(
      (0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
  }

  @Test(arguments: [1, 2, 17, 130]) func `are triangles whose product is the matrix`(
    size: Int
  ) throws {
    let rows = noise(2 * size + 1, size, key: 1)
    let matrix = rows.transposed.multiplied(by: rows)
    let found = try #require(try CholeskyDecomposition(matrix))
    let product = found.r.transposed.multiplied(by: found.r)
    #expect(product.subtracting(matrix).frobeniusNorm < 1e-13 * matrix.frobeniusNorm)
    for row in 0..<size {
      #expect(found.r[row, row] > 0)
      #expect((0..<row).allSatisfy { found.r[row, $0] == 0 })
    }
    let sides = noise(size, 5, key: 2)
    for (solution, factor) in [
      (found.solve(sides, transposed: true), found.r.transposed),
      (found.solve(sides, transposed: false), found.r),
    ] {
      let back = factor.multiplied(by: solution)
      #expect(back.subtracting(sides).frobeniusNorm < 1e-9 * sides.frobeniusNorm)
    }
  }

  @Test func `of singular matrices do not exist`() throws {
    let rows = noise(3, 5, key: 3)
    #expect(try CholeskyDecomposition(rows.transposed.multiplied(by: rows)) == nil)
    #expect(
      try CholeskyDecomposition(HostMatrix<Double>([1, 0, 0, 1e-11], rows: 2, columns: 2)) == nil)
    #expect(throws: LinearAlgebraError.self) {
      try CholeskyDecomposition(HostMatrix<Double>([.nan], rows: 1, columns: 1))
    }
  }
}
