import Foundation

extension Schedule {
  /// A power of what is left of the run, `(1 − p)ⁿ` with the progress p after the warm-up; a straight line at 1.
  public static func polynomial(power: Double = 1) -> Schedule {
    precondition(power > 0 && power.isFinite, "a power of \(power)")
    return Schedule("polynomial", fallsToZero: true) { step, warmup, total in
      guard step < total else { return 0 }
      return pow(1 - Double(step - warmup) / Double(total - warmup), power)
    }
  }
}
