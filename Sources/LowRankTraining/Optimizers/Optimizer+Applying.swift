import LowRankTensors

extension Optimizer {
  /// Divides summed gradients by their tokens, clips them, and steps.
  ///
  /// With the norm n of the mean gradient over all groups, gradients are multiplied by
  /// `min(1, maxNorm / (n + 10⁻⁶))` as torch's `clip_grad_norm_` has it.
  /// - Parameters:
  ///   - groups: all that is trained, in the same order at each step.
  ///   - maxNorm: the greatest norm of the mean gradient; nil not to clip.
  ///   - number: the number of the step, for errors.
  /// - Returns: the norm before clipping.
  /// - Throws: `TrainingError` where the loss or a gradient is not finite; nothing is changed then.
  @discardableResult
  public mutating func apply(
    _ sum: GradientSum, to groups: [ParameterGroup], in store: inout ParameterStore, rate: Double,
    maxNorm: Double? = nil, step number: Int, on engine: any Engine
  ) throws(TrainingError) -> Double {
    precondition(sum.tokens > 0, "step \(number) has no trained token")
    guard sum.loss.isFinite else { throw .nonFiniteLoss(step: number) }
    let groups = groups.map { GradientGroup($0, sum.gradients) }
    var squares = 0.0
    for group in groups {
      let own = group.members.reduce(0) { $0 + engine.sumOfSquares($1.gradient) }
      guard own.isFinite else { throw .nonFiniteGradient(step: number, module: group.module) }
      squares += own
    }
    let norm = squares.squareRoot() / Double(sum.tokens)
    try step(
      groups,
      OptimizerStep(
        rate: rate, gradientScale: sum.scale(norm: norm, maxNorm: maxNorm), engine: engine),
      store: &store)
    return norm
  }
}
