import LowRankTensors

/// How far the subspaces of leading singular vectors of two updates agree: the LoRA paper's φ.
///
/// `φ(i, j) = ‖(Uⁱ)ᵀ U'ʲ‖_F² / min(i, j)`, from 0 for orthogonal subspaces to 1 where one holds the other; i and j count
/// leading vectors. Independent random subspaces of an n-dimensional space have φ ≈ max(i, j)/n. LoRA, arXiv 2106.09685,
/// section 7.2.
public struct SubspaceSimilarity: Hashable, Sendable {
  /// φ(i, j) in row i − 1 and column j − 1.
  public let grid: HostMatrix<Double>
  /// The dimension of the space that both lie in.
  public let dimension: Int

  /// Compares orthonormal columns, `[dimension, i]` and `[dimension, j]`.
  public init(_ a: HostMatrix<Double>, _ b: HostMatrix<Double>) {
    precondition(a.rows == b.rows, "subspaces of \(a.rows) and of \(b.rows) dimensions")
    dimension = a.rows
    let products = a.transposed.multiplied(by: b)
    var grid = HostMatrix<Double>(zeros: a.columns, b.columns)
    for i in 0..<a.columns {
      var row = 0.0
      for j in 0..<b.columns {
        row += products[i, j] * products[i, j]
        grid[i, j] = row + (i > 0 ? grid[i - 1, j] * Double(min(i, j + 1)) : 0)
        grid[i, j] /= Double(min(i, j) + 1)
      }
    }
    self.grid = grid
  }

  /// φ of all vectors of both.
  public var whole: Double { grid.elements.last ?? 0 }

  /// What random subspaces would have: max(i, j)/n.
  public func baseline(_ i: Int, _ j: Int) -> Double {
    Double(max(i, j)) / Double(dimension)
  }
}
