extension Computation {
  /// Adds `delta` to the residual stream, then normalises each row.
  ///
  /// Returns the sum in the type of `x`, and the normalised rows times `weight` plus `bias` in the computation's type. The
  /// residual stream is f32, so that many small additions are not lost.
  public func norm(
    _ kind: Norm, _ x: Tensor, adding delta: Tensor? = nil, weight: Tensor, bias: Tensor? = nil,
    epsilon: Float
  ) -> (sum: Tensor, output: Tensor) {
    let tape = tape(for: x, delta, weight, bias)
    let result = engine.norm(
      kind, x, adding: delta, weight: weight, bias: bias, epsilon: epsilon, type: type,
      saving: tape != nil)
    let sum = delta == nil ? x : result.sum
    guard let tape, let normalized = result.normalized, let inverse = result.inverseDeviation
    else { return (sum, result.output) }

    let outputs = delta == nil ? [result.output] : [sum, result.output]
    let (output, sumReference) = (result.output.reference, sum.reference)
    let (x, delta, bias) = (x.reference, delta?.reference, bias?.reference)
    let weightReference = weight.reference
    tape.record(outputs: outputs) { gradients in
      let flowing = delta == nil ? nil : gradients.take(sumReference)
      guard let dOutput = gradients.take(output) else {
        guard let flowing else { return }
        gradients.add(flowing, to: x)
        if let delta {
          gradients.add(to: delta) { $0.converted(flowing, to: delta.type) }
        }
        return
      }
      let needsWeight = gradients.wants(weightReference) || (bias.map(gradients.wants) ?? false)
      let result = gradients.engine.normGradient(
        kind, output: dOutput, sum: flowing, normalized: normalized, inverseDeviation: inverse,
        weight: weight, hasBias: bias != nil, deltaType: delta?.type, needsWeight: needsWeight)
      gradients.add(to: x) { $0.converted(result.sum, to: x.type) }
      if let delta, let gradient = result.delta { gradients.add(gradient, to: delta) }
      if let gradient = result.weight { gradients.add(gradient, to: weightReference) }
      if let bias, let gradient = result.bias { gradients.add(gradient, to: bias) }
    }
    return (sum, result.output)
  }
}
