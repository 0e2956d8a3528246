/// The greatest numbers that settings take: what follows from them can still be counted.
package enum Bounds {
  /// Rows, tokens, passes and micro-batches.
  package static let count = 1_000_000
  /// Steps of a run.
  package static let steps = 1_000_000_000
  /// The last layer's number.
  package static let layer = 10_000

  /// Refuses a number that makes no sense.
  ///
  /// - Throws: `SettingsError`.
  package static func check(
    _ value: Int?, _ name: KeyedText, from least: Int = 1, to greatest: Int = count
  ) throws {
    guard let value, !(least...greatest).contains(value) else { return }
    throw SettingsError("\(name) is \(value), expected a number from \(least) to \(greatest)")
  }
}
