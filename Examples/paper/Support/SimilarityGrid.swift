import LowRank

/// φ(i, j) of two subspaces, at ranks that a figure has room for.
struct SimilarityGrid {
  /// φ.
  let similarity: SubspaceSimilarity

  init(_ a: HostMatrix<Double>, _ b: HostMatrix<Double>) {
    similarity = SubspaceSimilarity(a, b)
  }

  /// φ of independent Gaussian matrices of the same extents.
  ///
  /// - Throws: `LinearAlgebraError` where LAPACK does not converge.
  init(randomLike other: SimilarityGrid, seed: UInt64) throws {
    var random = Philox(key: seed)
    let grid = other.similarity.grid
    func basis(_ columns: Int) throws -> HostMatrix<Double> {
      let rows = other.similarity.dimension
      let numbers = (0..<rows * columns).map { _ in random.normal() }
      return try SingularValueDecomposition(HostMatrix(numbers, rows: rows, columns: columns)).left
    }
    self.init(try basis(grid.rows), try basis(grid.columns))
  }

  /// φ(i, j); nil where there are fewer vectors.
  func phi(_ i: Int, _ j: Int) -> Double? {
    let grid = similarity.grid
    return i <= grid.rows && j <= grid.columns ? grid[i - 1, j - 1] : nil
  }

  /// φ(i, j) for a table.
  func text(_ i: Int, _ j: Int) -> String { phi(i, j).map(shareText) ?? "–" }

  /// The heat map.
  func figure(_ title: String) -> HeatMap {
    let rows = sampledRanks(to: similarity.grid.rows)
    let columns = sampledRanks(to: similarity.grid.columns)
    return HeatMap(
      title, rows: rows.map(String.init), rowTitle: "i", columns: columns.map(String.init),
      columnTitle: "j", values: rows.map { i in columns.map { phi(i, $0) } },
      scale: Axis("φ", covering: 0...1))
  }

  /// The grid as JSON, every i and j.
  var json: JSONValue {
    let grid = similarity.grid
    return .array(
      (0..<grid.rows).map { row in .array((0..<grid.columns).map { .double(grid[row, $0]) }) })
  }
}
