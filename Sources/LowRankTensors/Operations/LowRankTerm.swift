/// One low-rank addition to a linear map, `scale · (x downᵀ) upᵀ` on some rows and columns of its output.
public struct LowRankTerm: Sendable {
  /// The factor A, `[rank, inputs]`.
  public var down: Tensor
  /// The factor B, `[outputs, rank]`; as many outputs as there are columns.
  public var up: Tensor
  /// What the product is multiplied by.
  public var scale: Float
  /// The rows of the batch it applies to; all where nil.
  public var rows: Range<Int>?
  /// The columns of the output it adds to; all where nil.
  public var columns: Range<Int>?
  /// What the term reads instead of the map's input, for dropout on the adapter's path.
  public var input: Tensor?
  /// B transposed, `[rank, outputs]`, for terms of few rows that are added together; nil where it is not kept.
  public var upTransposed: Tensor?

  /// A term from its factors.
  public init(
    down: Tensor, up: Tensor, scale: Float, rows: Range<Int>? = nil, columns: Range<Int>? = nil,
    input: Tensor? = nil
  ) {
    precondition(
      down.shape[0] == up.shape[1], "factors \(down.shape) and \(up.shape) differ in rank")
    self.down = down
    self.up = up
    self.scale = scale
    self.rows = rows
    self.columns = columns
    self.input = input
  }
}
