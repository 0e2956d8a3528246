/// A product of low rank, `z u`, that joins the sum of a larger one.
public struct LowRankProduct: Sendable {
  /// The left factor z, `[rows, rank]`.
  public let hidden: Matrix
  /// The right factor u, `[rank, columns]`.
  public let factor: Matrix

  /// A product from its factors.
  public init(_ hidden: Matrix, _ factor: Matrix) {
    precondition(
      hidden.width == factor.height, "ranks \(hidden.width) and \(factor.height) of one product")
    self.hidden = hidden
    self.factor = factor
  }
}
