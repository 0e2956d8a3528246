import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Leading singular vectors` {
  /// A matrix with the singular values 1, 1/2, 1/3 and so on.
  private func matrix(_ rows: Int, _ columns: Int) throws -> HostMatrix<Double> {
    let left = try QRDecomposition(noise(rows, min(rows, columns), seed: 1)).q
    var right = try QRDecomposition(noise(columns, min(rows, columns), seed: 2)).q.transposed
    for row in 0..<right.rows {
      for column in 0..<right.columns { right[row, column] /= Double(row + 1) }
    }
    return left.multiplied(by: right)
  }

  @Test(arguments: [(300, 280), (280, 420)])
  func `of a large matrix are those of the whole decomposition`(rows: Int, columns: Int) throws {
    let matrix = try matrix(rows, columns)
    let leading = try LeadingSingularVectors(8, of: matrix, exactBelow: 16)
    let whole = try SingularValueDecomposition(matrix)
    for index in 0..<8 {
      #expect(abs(leading.values[index] * Double(index + 1) - 1) < 1e-8)
      var cosine = 0.0
      for row in 0..<rows { cosine += leading.left[row, index] * whole.left[row, index] }
      #expect(abs(abs(cosine) - 1) < 1e-6)
    }
  }

  @Test func `are as many as there are`() throws {
    let leading = try LeadingSingularVectors(9, of: noise(5, 40, seed: 3))
    #expect(leading.values.count == 5 && leading.left.columns == 5 && leading.right.rows == 5)
  }

  @Test func `follow from the seed`() throws {
    let matrix = try matrix(90, 80)
    let values = try [1, 1, 2].map {
      try LeadingSingularVectors(4, of: matrix, exactBelow: 8, iterations: 0, seed: $0).values
    }
    #expect(values[0] == values[1] && values[0] != values[2])
  }
}
