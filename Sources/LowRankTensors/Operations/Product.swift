extension Computation {
  /// `scale · op(a) op(b)`, each operand transposed where asked, in the computation's type or the one given.
  public func product(
    _ a: Tensor, _ b: Tensor, transposingA: Bool = false, transposingB: Bool = false,
    scale: Float = 1, type: ElementType? = nil
  ) -> Tensor {
    let left = Matrix(a, transposed: transposingA)
    let right = Matrix(b, transposed: transposingB)
    let y = engine.product(left, right, scale: scale, storedAs: type ?? self.type)
    tape(for: a, b)?.record(y) { dy, gradients in
      let (a, b) = (a.reference, b.reference)
      let d = Matrix(dy)
      // y = s·L R gives dL = s·dy Rᵀ and dR = s·Lᵀ dy; a transposed operand wants the transpose of its own.
      if transposingA {
        gradients.addProduct(right, d.transposed, scale: scale, to: a, type: a.type)
      } else {
        gradients.addProduct(d, right.transposed, scale: scale, to: a, type: a.type)
      }
      if transposingB {
        gradients.addProduct(d.transposed, left, scale: scale, to: b, type: b.type)
      } else {
        gradients.addProduct(left.transposed, d, scale: scale, to: b, type: b.type)
      }
    }
    return y
  }
}
