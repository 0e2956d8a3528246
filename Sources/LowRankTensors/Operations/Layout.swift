extension Computation {
  /// The same elements under another shape of equal count.
  public func reshaped(_ x: Tensor, to shape: Shape) -> Tensor {
    let y = x.viewed(as: shape)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(dy.viewed(as: x.shape), to: x)
    }
    return y
  }

  /// The transpose of a matrix.
  public func transposed(_ x: Tensor) -> Tensor {
    let y = engine.transposed(x)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(to: x) { $0.transposed(dy) }
    }
    return y
  }

  /// A run of columns of a matrix.
  public func columns(_ range: Range<Int>, of x: Tensor) -> Tensor {
    let y = engine.columns(range, of: x)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.update(x) { engine, slot in
        if slot == nil { slot = engine.zeros(x.shape, type: x.type) }
        engine.add(dy, toColumns: range, of: &slot!)
      }
    }
    return y
  }
}
