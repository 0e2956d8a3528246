import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints

/// The flag that overrides checks of adapters, and how adapters are loaded under it.
struct CheckOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Checks that do not refuse the adapter, comma-separated: \(Self.names). What they find is printed.",
      valueName: "check,…"),
    completion: .checks, transform: Self.checks)
  var allow: [[LoadCheck]] = []

  /// The checks that do not refuse an adapter.
  var allowed: Set<LoadCheck> { Set(allow.joined()) }

  /// Reads an adapter onto a base, and says what was placed and what was let through.
  ///
  /// - Throws: what reading it throws.
  func load(_ url: URL, on base: Model) throws -> Adapter {
    let adapter = try Adapter(from: url, on: base, allowing: allowed)
    if let report = adapter.loading { Self.announce(report, of: url.relativePath) }
    return adapter
  }

  /// Refuses a base that an adapter was not trained on, or notes that it is allowed.
  ///
  /// - Throws: `LoadProblem`, and what reading the base's files throws.
  func check(_ adapter: StoredAdapter, on base: ModelFolder) throws {
    let match = try adapter.match(on: base)
    if match == .unknown {
      Self.say(
        "note: \(adapter.url.relativePath) records no fingerprint of its base: whether \(base.url.relativePath) is that base is not checked"
      )
    }
    if let note = match.note { Self.say("note: \(note)") }
    if let warning = match.warning { Self.say("warning: \(warning)") }
    guard let problem = match.problem else { return }
    guard allowed.contains(problem.check) else { throw problem }
    Console.insist("allowed: \(problem)".printable)
  }

  /// Refuses the flag where no adapter is loaded.
  ///
  /// - Throws: `UsageError`.
  func checkUsed(_ isUsed: Bool, with flag: String) throws {
    guard isUsed || allow.isEmpty else {
      throw UsageError("--allow has no effect without \(flag)")
    }
  }

  /// Says what was placed and what was let through.
  static func announce(_ report: LoadReport, of adapter: String) {
    for problem in report.overridden { Console.insist("allowed: \(problem)".printable) }
    for note in report.notes { say("note: \(note)") }
    for warning in report.warnings { say("warning: \(warning)") }
    say("\(adapter): \(report)")
  }

  /// Names out of files may hold what steers a terminal.
  private static func say(_ line: String) { Console.write(line.printable) }

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
