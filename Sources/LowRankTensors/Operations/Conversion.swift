extension Computation {
  /// The tensor stored as `type`, the computation's own by default; itself where it is already.
  public func converted(_ x: Tensor, to type: ElementType? = nil) -> Tensor {
    let target = type ?? self.type
    guard x.type != target else { return x }
    let y = engine.converted(x, to: target)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(to: x) { $0.converted(dy, to: x.type) }
    }
    return y
  }
}
