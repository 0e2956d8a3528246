extension Computation {
  /// Values that were worked out of the numbers of `x`, each element of which belongs to one of them, f32 `[values]`.
  ///
  /// `slopes[i]` is the derivative of `values[owners[i]]` by element *i* of `x`, so that any function of some losses can be
  /// worked out on the host: dx[i] = slopes[i] · dy[owners[i]].
  /// - Parameters:
  ///   - slopes: one for each element of `x`.
  ///   - owners: the value that each element belongs to.
  public func given(
    _ values: [Double], of x: Tensor, slopes: [Double], owners: [Int32]
  ) -> Tensor {
    precondition(
      slopes.count == x.count && owners.count == x.count,
      "\(slopes.count) slopes and \(owners.count) owners of \(x)")
    let y = engine.tensor(values, [values.count])
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      gradients.add(to: x) { engine in
        let flow = engine.rows(
          of: dy.viewed(as: [values.count, 1]), at: engine.tensor(owners, [owners.count]),
          type: .float32)
        let factors = engine.tensor(slopes, [slopes.count, 1])
        return engine.multiply(factors, flow).viewed(as: x.shape)
      }
    }
    return y
  }
}
