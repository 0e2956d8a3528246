/// How long the learning rate rises at the beginning of a run.
public enum Warmup: Hashable, Sendable {
  /// A number of steps.
  case steps(Int)
  /// A share of all steps, rounded up.
  case share(Double)

  /// No warm-up.
  public static let none = Warmup.steps(0)

  /// Reads a setting: a whole number of steps, or a share below one such as `0.1`; nil for anything else.
  public init?(_ text: String) {
    if let steps = Int(text), steps >= 0 {
      self = .steps(steps)
    } else if let share = Double(text), (0..<1).contains(share) {
      self = .share(share)
    } else {
      return nil
    }
  }

  /// The number of steps in a run of `total`.
  public func steps(of total: Int) -> Int {
    switch self {
    case .steps(let steps): steps
    case .share(let share): Int((share * Double(total)).rounded(.up))
    }
  }
}
