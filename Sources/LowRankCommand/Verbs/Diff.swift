import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank diff`: whether two adapters are the same update.
struct Diff: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Compare two adapters as updates, whatever their factors.",
    discussion: """
      Compares ΔW, computed from the factors alone: adapters with different factors, scales, ranks or files can have the same \
      update. --canonical writes one adapter for all adapters with the same update: canonical folders of equal updates are \
      equal byte for byte, unless their factors were rounded differently.

      EXAMPLES:
        lowrank diff adapters/a adapters/b --exit-code
        lowrank diff adapters/a --canonical --output adapters/a-canonical
      """)

  @Argument(
    help: "Two adapters, folders or names on the hub, or one with --canonical. (required)",
    completion: .adapter)
  var adapters: [String] = []

  @Flag(help: "Write the canonical form of one adapter to --output.")
  var canonical = false

  @Option(
    help: ArgumentHelp("Where the canonical form is written.", valueName: "dir"),
    completion: .folder)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The base, a folder or a name on the hub, for adapters of types such as HIRA, whose updates depend on it.",
      valueName: "model"), completion: .model)
  var model: String?

  @Flag(help: "Exit with 1 where the updates differ.")
  var exitCode = false

  @OptionGroup var replacing: OverwriteOption<ResultFolder>

  @OptionGroup var results: ResultOptions

  func run() throws {
    if canonical { return try writeCanonical() }
    guard adapters.count == 2 else {
      throw UsageError("give two adapter folders, found \(adapters.count)")
    }
    guard output == nil else { throw UsageError("--output has no effect without --canonical") }
    let places = try adapters.map { try Located.adapter($0) }
    let base = try base(for: places)
    let difference = try AdapterDifference(
      StoredAdapter(at: places[0], model: base), StoredAdapter(at: places[1], model: base))
    try report(difference)
    if exitCode, !difference.isEqual { throw ExitCode(1) }
  }

  /// The base, where one of the adapters may need it.
  private func base(for adapters: [URL]) throws -> URL? {
    guard let model else { return nil }
    guard try adapters.contains(where: { try StoredAdapter.mayNeedBase($0) }) else {
      throw UsageError("--model has no effect: the adapters say all that is needed of their base")
    }
    return try Located.model(model)
  }

  private func writeCanonical() throws {
    guard !exitCode else { throw UsageError("--exit-code has no effect with --canonical") }
    guard adapters.count == 1, let adapter = adapters.first else {
      throw UsageError("--canonical takes one adapter folder, found \(adapters.count)")
    }
    guard let output else { throw UsageError("--output DIR is missing") }
    let place = try OutputFolder(
      output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
      sparing: [adapter])
    let source = try Located.adapter(adapter)
    let form = try CanonicalForm(StoredAdapter(at: source, model: base(for: [source])))
    try place.publish {
      try form.draft.write(as: .peft, into: $0)
      try AdapterFolder.copyTemplate(from: source, into: $0)
    }
    guard results.json else { return try Console.result("\(place.url.relativePath): canonical") }
    try Console.result([
      "adapter": .string(place.url.relativePath), "modules": .integer(form.draft.modules.count),
      "parameters": .integer(form.draft.factorParameters),
    ])
  }

  private func report(_ difference: AdapterDifference) throws {
    guard !results.json else { return try Console.result(difference.json) }
    let hasOthers = !difference.otherMagnitudes.isEmpty
    let rows = difference.modules.filter { !$0.isEqual }.map { module in
      [
        module.path, "rank \(module.ranks[0]) and \(module.ranks[1])",
        String(
          format: "‖%@‖ %.4g and %.4g", hasOthers ? "BA" : "ΔW", module.norms[0], module.norms[1]),
        String(format: "distance %.4g", module.distance),
        String(format: "cosine %.4f", module.cosine).replacing("-", with: "−"),
      ] + (hasOthers ? [Self.magnitudes(module)] : [])
    }
    if !rows.isEmpty { try Console.result(TextTable(rows: rows, right: [1, 2, 3, 4]).text) }
    for name in difference.otherTensors + difference.facts {
      let bases =
        name.hasSuffix(".base_layer.weight")
        ? ": it is a copy of the base's weight, so the adapters have different bases" : ""
      try Console.result("\(name)  differs\(bases)".printable)
    }
    try Console.result(Self.verdict(difference))
  }

  /// How DoRA's magnitudes differ, which the distance of BA does not show; empty where they are equal.
  private static func magnitudes(_ module: AdapterDifference.Module) -> String {
    guard !module.hasEqualMagnitudes else { return "" }
    guard let distance = module.magnitudeDistance else { return "one alone has magnitudes" }
    return String(format: "‖m − m'‖ %.4g", distance)
  }

  private static func verdict(_ difference: AdapterDifference) -> String {
    let others = difference.otherMagnitudes.count
    let magnitudes =
      others == 0 ? "" : "; DoRA's magnitudes of \(counted(others, "module")) differ too"
    if difference.isEqual {
      return "equal: both hold the same update of \(counted(difference.modules.count, "module"))"
    }
    guard difference.modules.contains(where: { $0.distance > $0.rounding }) else {
      guard others == 0 else {
        let rest = difference.otherTensors.isEmpty ? "" : ", and other tensors are not either"
        return
          "different: BA is the same, DoRA's magnitudes of \(counted(others, "module")) are not\(rest)"
      }
      guard difference.otherTensors.isEmpty else {
        return "different: the updates are the same, other tensors are not"
      }
      return
        "different: the updates are the same, \(difference.facts.joined(separator: ", ")) is not"
    }
    let update = others == 0 ? "ΔW" : "BA"
    return String(
      format: "different: ‖%@ − %@'‖ = %.4g, which is %.3g %% of the larger ‖%@‖", update, update,
      difference.distance, 100 * difference.relativeDistance, update) + magnitudes
  }
}
