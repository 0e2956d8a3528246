/// The learning rate of every step of a run.
public struct LearningRate: Sendable {
  /// The greatest rate.
  public var peak: Double
  /// Its course after the warm-up.
  public var schedule: Schedule
  /// How long it rises first.
  public var warmup: Warmup

  /// A peak and how it is reached and left.
  public init(_ peak: Double, schedule: Schedule = .constant, warmup: Warmup = .none) {
    self.peak = peak
    self.schedule = schedule
    self.warmup = warmup
  }

  /// The rate at a step, counted from 0, of a run of `total` steps.
  public func rate(at step: Int, of total: Int) -> Double {
    peak * schedule.factor(at: step, warmup: warmup.steps(of: total), total: total)
  }
}
