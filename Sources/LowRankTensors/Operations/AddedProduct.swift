extension Computation {
  /// `c + scale · a b`, the product added to some rows of `c` only where rows are given, in the type of `c`.
  public func adding(
    _ a: Tensor, _ b: Tensor, scale: Float = 1, to c: Tensor, rows: Range<Int>? = nil
  ) -> Tensor {
    let (fastA, fastB) = (engine.converted(a, to: c.type), engine.converted(b, to: c.type))
    var y = c.viewed(as: c.shape)
    engine.addProduct(Matrix(fastA), Matrix(fastB), scale: scale, to: &y, rows: rows, columns: nil)
    tape(for: a, b, c)?.record(y) { [c = c.reference] dy, gradients in
      let slice = Matrix(dy, rows: rows)
      gradients.addProduct(
        slice, fastB.transposed, scale: scale, to: a.reference, type: a.type)
      gradients.addProduct(
        fastA.transposed, slice, scale: scale, to: b.reference, type: b.type)
      gradients.add(to: c) { $0.converted(dy, to: c.type) }
    }
    return y
  }

  /// `x` with a bias added to each row, in the type of `x`.
  public func addingBias(_ bias: Tensor, to x: Tensor) -> Tensor {
    let ones = engine.converted(engine.filled(1, [x.shape.rows, 1]), to: x.type)
    let row = engine.converted(bias, to: x.type).viewed(as: [1, bias.count])
    var y = x.viewed(as: x.shape)
    engine.addProduct(Matrix(ones), Matrix(row), scale: 1, to: &y, rows: nil, columns: nil)
    tape(for: x, bias)?.record(y) { [x = x.reference, bias = bias.reference] dy, gradients in
      gradients.add(dy, to: x)
      gradients.add(to: bias) { $0.columnSums(dy) }
    }
    return y
  }
}
