extension Computation {
  /// Drops each element with the given probability and divides the others by what is left.
  ///
  /// Which elements fall is a function of the key alone, so a resumed run drops the same ones, and of where `x`
  /// begins in the numbers that are drawn, so that a part of a batch drops what the whole would there.
  public func dropout(_ x: Tensor, probability: Float, key: UInt64, first: Int = 0)
    -> Tensor
  {
    guard probability > 0 else { return x }
    let y = engine.dropout(x, probability: probability, key: key, first: first)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(to: x) {
        $0.dropout(dy, probability: probability, key: key, first: first)
      }
    }
    return y
  }
}
