/// A low-rank addition to some rows of a product's result, `y[rows, columns] += scale · (x[rows] downᵀ) up`.
public struct RowTerm: Sendable {
  /// The rows of x and y.
  public let rows: Range<Int>
  /// The columns of y; as many as `up` has.
  public let columns: Range<Int>
  /// The factor A, `[rank, inputs]`.
  public let down: Tensor
  /// The factor B transposed, `[rank, outputs]`.
  public let up: Tensor
  /// What the product is multiplied by.
  public let scale: Float

  /// The rows up to which one kernel for all terms takes less time than products of each, as in generation.
  static let fewRows = 8

  /// A term from its factors.
  public init(rows: Range<Int>, columns: Range<Int>, down: Tensor, up: Tensor, scale: Float) {
    precondition(
      down.shape.rows == up.shape.rows && up.shape.columns == columns.count,
      "factors \(down.shape) and \(up.shape) for columns \(columns)")
    self.rows = rows
    self.columns = columns
    self.down = down
    self.up = up
    self.scale = scale
  }
}
