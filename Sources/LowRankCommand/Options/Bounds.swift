/// The greatest numbers that flags take: what follows from them can still be counted.
enum Bounds {
  /// Rows, tokens, passes and micro-batches.
  static let count = 1_000_000
  /// Steps of a run.
  static let steps = 1_000_000_000
  /// The last layer's number.
  static let layer = 10_000

  /// Refuses a number that makes no sense.
  ///
  /// - Throws: `UsageError`.
  static func check(
    _ value: Int?, _ flag: String, from least: Int = 1, to greatest: Int = count
  ) throws {
    guard let value, !(least...greatest).contains(value) else { return }
    throw UsageError("\(flag) is \(value), expected a number from \(least) to \(greatest)")
  }
}
