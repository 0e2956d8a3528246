import Foundation
import LowRank

/// The checks of adapters that do not refuse one, and how adapters are loaded under them.
public struct CheckSettings: Hashable, Sendable {
  /// Checks whose findings are reported instead of thrown.
  public var allowed: Set<LoadCheck> = []

  /// Loading under all checks but some.
  public init(allowing allowed: Set<LoadCheck> = []) { self.allowed = allowed }

  /// Reads an adapter onto a base, and says what was placed and what was let through.
  ///
  /// - Parameter isContinued: whether it is trained further, from its method's own factors.
  /// - Throws: what reading it throws.
  package func load(_ url: URL, on base: Model, toContinue isContinued: Bool = false) throws
    -> Adapter
  {
    let adapter = try Adapter(
      from: url, on: base, allowing: allowed, toContinue: isContinued)
    if let report = adapter.loading { Self.announce(report, of: url.relativePath) }
    return adapter
  }

  /// Refuses a base that an adapter was not trained on, or notes that it is allowed.
  ///
  /// - Throws: `LoadProblem`, and what reading the base's files throws.
  package func check(_ adapter: StoredAdapter, on base: ModelFolder) throws {
    let match = try adapter.match(on: base)
    if match == .unknown {
      Remarks.note(
        "\(adapter.url.relativePath) records no fingerprint of its base: whether \(base.url.relativePath) is that base is not checked"
      )
    }
    if let note = match.note { Remarks.note("\(note)") }
    if let warning = match.warning { Remarks.warn("\(warning)") }
    guard let problem = match.problem else { return }
    guard allowed.contains(problem.check) else { throw problem }
    Remarks.insist("allowed: \(problem)")
  }

  /// Refuses the setting where no adapter is loaded.
  ///
  /// - Throws: `SettingsError`.
  package func checkUsed(_ isUsed: Bool, with name: KeyedText) throws {
    guard isUsed || allowed.isEmpty else {
      throw SettingsError("\(.allow) has no effect without \(name)")
    }
  }

  /// Says what was placed and what was let through.
  package static func announce(_ report: LoadReport, of adapter: String) {
    for problem in report.overridden { Remarks.insist("allowed: \(problem)") }
    for note in report.notes { Remarks.note("\(note)") }
    for warning in report.warnings { Remarks.warn("\(warning)") }
    Remarks.say("\(adapter): \(report)")
  }
}
