/// How parameters are changed: the rule, its learning rate over the run, and clipping.
public struct Optimization: Sendable {
  /// The rule.
  public var optimizer: any Optimizer
  /// The learning rate over the run.
  public var learningRate: LearningRate
  /// The greatest norm of the mean gradient; nil not to clip.
  public var maxGradientNorm: Double?

  /// A rule with its learning rate.
  public init(
    _ optimizer: any Optimizer, learningRate: LearningRate, maxGradientNorm: Double? = nil
  ) {
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.maxGradientNorm = maxGradientNorm
  }

  /// AdamW with a linear decay of the learning rate, as most recipes have it.
  public static func adamW(
    learningRate: Double, schedule: Schedule = .linear, warmup: Warmup = .none,
    weightDecay: Double = 0, maxGradientNorm: Double? = nil
  ) -> Optimization {
    Optimization(
      AdamW(weightDecay: weightDecay),
      learningRate: LearningRate(learningRate, schedule: schedule, warmup: warmup),
      maxGradientNorm: maxGradientNorm)
  }
}
