/// A rectangle of a tensor seen as a matrix, possibly transposed: an operand of a product.
public struct Matrix: Sendable {
  /// The tensor; all extents but the last count as rows.
  public let tensor: Tensor
  /// The rows and columns of the tensor that are meant, before transposition.
  public let rows: Range<Int>
  /// The columns of the tensor that are meant, before transposition.
  public let columns: Range<Int>
  /// Whether the rectangle enters the product transposed.
  public let isTransposed: Bool

  /// A rectangle of a tensor, the whole of it by default.
  public init(
    _ tensor: Tensor, rows: Range<Int>? = nil, columns: Range<Int>? = nil, transposed: Bool = false
  ) {
    self.tensor = tensor
    self.rows = rows ?? 0..<tensor.shape.rows
    self.columns = columns ?? 0..<tensor.shape.columns
    self.isTransposed = transposed
    precondition(
      self.rows.upperBound <= tensor.shape.rows && self.columns.upperBound <= tensor.shape.columns,
      "rows \(self.rows), columns \(self.columns) lie outside \(tensor)")
  }

  /// The extent down the product's left side: rows, or columns when transposed.
  public var height: Int { isTransposed ? columns.count : rows.count }

  /// The extent across: columns, or rows when transposed.
  public var width: Int { isTransposed ? rows.count : columns.count }

  /// The same rectangle the other way round.
  public var transposed: Matrix {
    Matrix(tensor, rows: rows, columns: columns, transposed: !isTransposed)
  }
}

extension Tensor {
  /// The tensor as an operand of a product, transposed.
  public var transposed: Matrix { Matrix(self, transposed: true) }
}
