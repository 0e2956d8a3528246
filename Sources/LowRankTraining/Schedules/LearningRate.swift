/// The learning rate of every step of a run.
public struct LearningRate: Sendable {
  /// The greatest rate.
  public var peak: Double
  /// Its course after the warm-up.
  public var schedule: Schedule
  /// How long it rises first.
  public var warmup: Warmup
  /// The rate in which a schedule that falls to zero ends instead.
  public var floor: Double

  /// A peak and how it is reached and left.
  ///
  /// - Parameter floor: the rate at the end, below the peak; only for schedules that fall to zero.
  public init(
    _ peak: Double, schedule: Schedule = .constant, warmup: Warmup = .none, floor: Double = 0
  ) {
    precondition(
      floor == 0 || schedule.fallsToZero && floor > 0 && floor < peak,
      "\(schedule.name) from \(peak) to a floor of \(floor)")
    self.peak = peak
    self.schedule = schedule
    self.warmup = warmup
    self.floor = floor
  }

  /// The rate at a step, counted from 0, of a run of `total` steps.
  public func rate(at step: Int, of total: Int) -> Double {
    guard peak > 0 else { return 0 }
    return peak
      * schedule.factor(
        at: step, warmup: warmup.steps(of: total), total: total, floor: floor / peak)
  }
}
