import LowRankCheckpoints
import Synchronization

/// When text on standard output and standard error has colors, as `--color` says.
package enum ColorChoice: String, CaseIterable {
  /// On a terminal that shows colors, unless `NO_COLOR` is set.
  case auto
  /// Also in files and pipes.
  case always
  /// Nowhere.
  case never

  private static let chosen = Mutex(ColorChoice.auto)

  /// The choice that applies.
  package static var current: ColorChoice { chosen.withLock { $0 } }

  /// Applies `--color` before the arguments are parsed, so that errors about them follow it too.
  ///
  /// - Throws: `UsageError` for another value.
  package static func take(from arguments: [String]) throws {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return }
      let value: String? =
        if argument == "--color" {
          index + 1 < arguments.count ? arguments[index + 1] : nil
        } else if argument.hasPrefix("--color=") {
          String(argument.dropFirst("--color=".count))
        } else { nil }
      guard let value else { continue }
      guard let choice = ColorChoice(rawValue: value) else {
        throw UsageError.value(value, of: "--color", expected: allCases.map(\.rawValue))
      }
      chosen.withLock { $0 = choice }
    }
  }
}
