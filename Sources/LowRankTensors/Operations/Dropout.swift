extension Computation {
  /// Drops each element with the given probability and divides the others by what is left.
  ///
  /// Which elements fall is a function of the key alone, so a resumed run drops the same ones.
  public func dropout(_ x: Tensor, probability: Float, key: UInt64) -> Tensor {
    guard probability > 0 else { return x }
    let y = engine.dropout(x, probability: probability, key: key)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(to: x) { $0.dropout(dy, probability: probability, key: key) }
    }
    return y
  }
}
