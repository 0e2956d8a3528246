/// The course of the learning rate over a run, as a share of its peak.
///
/// All schedules begin with the same linear warm-up from zero; each is one file that says what follows.
/// The numbers are those of transformers' `get_*_schedule_with_warmup`: the first step of a run with warm-up
/// has a rate of zero.
public struct Schedule: Sendable {
  /// The name by which a run asks for it.
  public let name: String
  private let afterWarmup: @Sendable (_ step: Int, _ warmup: Int, _ total: Int) -> Double

  /// A schedule whose factor after the warm-up is a function of the step, the steps of the warm-up and
  /// those of the whole run.
  public init(
    _ name: String,
    afterWarmup: @escaping @Sendable (_ step: Int, _ warmup: Int, _ total: Int) -> Double
  ) {
    self.name = name
    self.afterWarmup = afterWarmup
  }

  /// All schedules.
  public static let all: [Schedule] = [.linear, .cosine, .constant]

  /// What the peak is multiplied by at a step, counted from 0.
  public func factor(at step: Int, warmup: Int, total: Int) -> Double {
    step < warmup
      ? Double(step) / Double(max(1, warmup)) : afterWarmup(step, warmup, total)
  }
}
