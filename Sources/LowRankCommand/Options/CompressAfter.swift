import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `train --compress-after POLICY=VALUE`: what a finished run is pruned to.
struct CompressAfter {
  private let text: String
  private let policy: PolicyOptions
  /// The name of the pruned adapter's folder, inside the run's.
  static let folderName = "compressed"

  /// Reads a policy of `compress`: `keep=0.25`, `uniform=2`.
  ///
  /// - Throws: `UsageError`.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1)
    let names = PolicyOptions.names
    guard parts.count == 2, names.contains(String(parts[0])) else {
      throw UsageError(
        "--compress-after is \"\(text)\", expected a policy of compress with its value, as keep=0.25: "
          + names.joined(separator: ", "))
    }
    guard let options = try? PolicyOptions.parse(["--\(parts[0])", String(parts[1])]) else {
      throw UsageError(
        "--compress-after \(parts[0]) is \"\(parts[1])\", expected a value as in compress")
    }
    (self.text, policy) = (text, options)
    if let size = policy.size {
      guard ByteCount(size) != nil else {
        throw UsageError(
          "--compress-after size is \"\(size)\", expected a size above 0 as 500KB or 2MB")
      }
    } else {
      do { _ = try policy.policy() } catch let error as UsageError {
        throw UsageError(
          error.description.replacing("--\(parts[0]) is", with: "--compress-after \(parts[0]) is"))
      }
    }
  }

  /// Refuses a rank at which a run does not train its adapter to be used, as `compress` does.
  ///
  /// - Throws: `UsageError`, and what reading the rule of ranks throws.
  func check(_ settings: AdapterSettings) throws {
    let rule = try settings.rankRule()
    guard let least = rule.nestedFrom, let rank = policy.uniform else { return }
    let most = settings.rank ?? rule.standardRank
    guard least > most || (least...most).contains(rank) else {
      throw UsageError(
        "--compress-after uniform is \(rank), expected one of the ranks that the run trains, \(least) to \(most)"
      )
    }
  }

  /// Prunes the adapter of a finished run as its settings say; nil where they say nothing.
  ///
  /// - Throws: as ``run(in:base:model:rows:)``.
  static func outcome(of session: TrainingSession, _ settings: RunSettings) throws -> CompressedRun?
  {
    guard let text = settings.compressAfter, let output = settings.output else { return nil }
    return try CompressAfter(text).run(
      in: URL(filePath: output), base: session.base,
      model: settings.model.model.map { try Located.model($0) }, rows: session.validation)
  }

  /// Prunes the adapter in a run's folder into a folder of its own inside.
  ///
  /// - Parameters:
  ///   - model: the folder of the base, on which the updates of some types depend.
  ///   - rows: what is evaluated before and after.
  /// - Throws: `UsageError` for a budget that is too small, and what reading and writing adapters throws.
  func run(in folder: URL, base: Model, model: URL?, rows: (any TrainingSet)?) throws
    -> CompressedRun
  {
    let stored = try StoredAdapter(at: folder, model: model)
    let chosen = try policy.policy(for: stored)
    let compression = try Compression(stored)
    try policy.checkBudget(of: chosen, for: compression.spectra) { "--compress-after \($0)=" }
    // A run that has ended cannot ask for another rank: one that began from a nested adapter may have missed ``check(_:)``.
    let isNested = compression.isNested(chosen)
    let (draft, certificate) =
      isNested
      ? try compression.pruned(by: chosen)
      : try compression.keeping(chosen.ranks(for: compression.spectra))
    let warning = CompressionText.warning(
      CompressionText.discardedShare(of: certificate), by: "--compress-after \(text)",
      advice: "lowrank compress with --max-loss-increase 1% finds the smallest adapter by its loss")
    if let warning, !isNested { Console.write(warning) }
    let meter = try (rows as? any QualityData).map { try QualityMeter(stored, on: base, data: $0) }
    let losses = try meter.map { (before: $0.before.loss, after: try $0.loss(of: draft)) }
    let place = folder.appending(path: Self.folderName)
    let outcome = CompressedRun(
      place: place, policy: policy.text, certificate: certificate, losses: losses,
      note: CompressionText.magnitudeNote(
        certificate, chosen.ranks(for: compression.spectra.withoutLeastRanks), by: policy.text))
    try publishFolder(at: place, overwrite: true, replacing: .adapter) {
      try draft.write(as: .peft, into: $0)
      try JSONValue.object(outcome.json).write(to: $0.appending(path: "certificate.json"))
      try AdapterFolder.copyTemplate(from: folder, into: $0)
    }
    return outcome
  }
}
