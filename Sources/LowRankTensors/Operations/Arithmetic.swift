extension Computation {
  /// `a + b`, in the type of `a`.
  public func sum(_ a: Tensor, _ b: Tensor) -> Tensor {
    let y = engine.sum(a, b)
    tape(for: a, b)?.record(y) { [a = a.reference, b = b.reference] dy, gradients in
      gradients.add(to: a) { $0.converted(dy, to: a.type) }
      gradients.add(to: b) { $0.converted(dy, to: b.type) }
    }
    return y
  }

  /// `a · b` element by element, in the type of `a`.
  public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
    let y = engine.multiply(a, b)
    tape(for: a, b)?.record(y) { dy, gradients in
      gradients.add(to: a.reference) { $0.converted($0.multiply(dy, b), to: a.type) }
      gradients.add(to: b.reference) { $0.converted($0.multiply(dy, a), to: b.type) }
    }
    return y
  }

  /// `factor · a`.
  public func scaled(_ a: Tensor, by factor: Float) -> Tensor {
    let y = engine.scaled(a, by: factor)
    tape(for: a)?.record(y) { [a = a.reference] dy, gradients in
      gradients.add(to: a) { $0.scaled(dy, by: factor) }
    }
    return y
  }

  /// Column *j* of `a` times `vector[j]`, in the type of `a`; the vector is f32.
  public func scaledColumns(_ a: Tensor, by vector: Tensor) -> Tensor {
    let y = engine.scaledColumns(a, by: vector)
    tape(for: a, vector)?.record(y) { dy, gradients in
      gradients.add(to: a.reference) { $0.scaledColumns(dy, by: vector) }
      gradients.add(to: vector.reference) { $0.columnSums(dy, times: a) }
    }
    return y
  }
}
