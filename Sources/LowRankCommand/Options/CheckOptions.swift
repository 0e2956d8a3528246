import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConsole
import LowRankSessions

/// The flag that overrides checks of adapters, and how adapters are loaded under it.
struct CheckOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Checks of the adapter that may fail, comma-separated: \(Self.names). What they find is printed, and the adapter is used.",
      valueName: "check,…"),
    completion: .checks, transform: Self.checks)
  var allow: [[LoadCheck]] = []

  /// What the flag says.
  var settings: CheckSettings { CheckSettings(allowing: Set(allow.joined())) }

  private static let names = LoadCheck.allCases.map(\.rawValue).joined(separator: ", ")

  private static func checks(_ text: String) throws -> [LoadCheck] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      let name = name.trimmingCharacters(in: .whitespaces)
      guard let check = LoadCheck(rawValue: name) else {
        throw UsageError(
          "--allow: there is no check \"\(name)\"; the checks are \(names)"
            + suggestion(for: name, among: LoadCheck.allCases.map(\.rawValue)))
      }
      return check
    }
  }
}
