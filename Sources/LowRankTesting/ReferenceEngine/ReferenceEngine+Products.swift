import LowRankTensors

extension ReferenceEngine {
  /// `scale · a b + bias`.
  public func product(_ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, type: ElementType)
    -> Tensor
  {
    var result = product(a, b).map { Double(scale) * $0 }
    if let bias {
      let bias = doubles(bias)
      precondition(bias.count == b.width, "a bias of \(bias.count) for \(b.width) columns")
      for index in result.indices { result[index] += bias[index % b.width] }
    }
    return made(result, [a.height, b.width], type)
  }

  /// Adds `scale · a b` to a rectangle of `c`.
  public func addProduct(
    _ a: Matrix, _ b: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?,
    columns: Range<Int>?
  ) {
    let target = Matrix(c, rows: rows, columns: columns)
    precondition(
      target.height == a.height && target.width == b.width,
      "a product [\(a.height), \(b.width)] for rows \(target.rows), columns \(target.columns)")
    let product = product(a, b)
    let stride = c.shape.columns
    change(&c) { numbers in
      for (i, row) in target.rows.enumerated() {
        for (j, column) in target.columns.enumerated() {
          numbers[row * stride + column] += Double(scale) * product[i * b.width + j]
        }
      }
    }
  }

  /// `a b`, row by row.
  private func product(_ a: Matrix, _ b: Matrix) -> [Double] {
    precondition(
      a.width == b.height, "[\(a.height), \(a.width)] times [\(b.height), \(b.width)]")
    let (left, right) = (entries(a), entries(b))
    var result = [Double](repeating: 0, count: a.height * b.width)
    for i in 0..<a.height {
      for k in 0..<a.width {
        let factor = left[i * a.width + k]
        for j in 0..<b.width { result[i * b.width + j] += factor * right[k * b.width + j] }
      }
    }
    return result
  }

  /// The entries of an operand as it enters the product, row by row.
  func entries(_ matrix: Matrix) -> [Double] {
    let numbers = doubles(matrix.tensor)
    let stride = matrix.tensor.shape.columns
    var entries: [Double] = []
    for i in 0..<matrix.height {
      for j in 0..<matrix.width {
        let (row, column) = matrix.isTransposed ? (j, i) : (i, j)
        entries.append(
          numbers[(matrix.rows.lowerBound + row) * stride + matrix.columns.lowerBound + column])
      }
    }
    return entries
  }
}
