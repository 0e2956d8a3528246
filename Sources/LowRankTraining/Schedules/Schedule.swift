/// The course of the learning rate over a run, as a share of its peak.
///
/// All schedules begin with the same linear warm-up from zero; each is one file that says what follows.
/// The numbers are those of transformers' `get_*_schedule_with_warmup`: the first step of a run with warm-up
/// has a rate of zero.
public struct Schedule: Sendable {
  /// The name by which a run asks for it.
  public let name: String
  /// Whether it falls to zero at the end of the run, so that a floor can lift that end.
  public let fallsToZero: Bool
  private let afterWarmup: @Sendable (_ step: Int, _ warmup: Int, _ total: Int) -> Double

  /// A schedule whose factor after the warm-up is a function of the step, the steps of the warm-up and
  /// those of the whole run.
  public init(
    _ name: String, fallsToZero: Bool = false,
    afterWarmup: @escaping @Sendable (_ step: Int, _ warmup: Int, _ total: Int) -> Double
  ) {
    self.name = name
    self.fallsToZero = fallsToZero
    self.afterWarmup = afterWarmup
  }

  /// All schedules.
  public static let all: [Schedule] = [
    .linear, .cosine, .polynomial(), .inverseSquareRoot(), .constant,
  ]

  /// What the peak is multiplied by at a step, counted from 0.
  ///
  /// - Parameter floor: the factor at the end of a schedule that ``fallsToZero``, which its course after the warm-up is
  ///   shrunk to, `f·(1 − floor) + floor`.
  public func factor(at step: Int, warmup: Int, total: Int, floor: Double = 0) -> Double {
    precondition(
      floor == 0 || fallsToZero && (0..<1).contains(floor), "\(name) with a floor of \(floor)")
    guard step >= warmup else { return Double(step) / Double(max(1, warmup)) }
    return afterWarmup(step, warmup, total) * (1 - floor) + floor
  }
}
