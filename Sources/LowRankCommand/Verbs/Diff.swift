import ArgumentParser
import Foundation
import LowRank

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

  @Flag(help: "Exit with 1 where the updates differ.")
  var exitCode = false

  @Flag(help: "Replace earlier results in the folder; other files in it stay.")
  var overwrite = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    if canonical { return try writeCanonical() }
    guard adapters.count == 2 else {
      throw UsageError("give two adapter folders, found \(adapters.count)")
    }
    guard output == nil else { throw UsageError("--output has no effect without --canonical") }
    let difference = try AdapterDifference(
      StoredAdapter(at: Located.adapter(adapters[0])),
      StoredAdapter(at: Located.adapter(adapters[1])))
    try report(difference)
    if exitCode, !difference.isEqual { throw ExitCode(1) }
  }

  private func writeCanonical() throws {
    guard !exitCode else { throw UsageError("--exit-code has no effect with --canonical") }
    guard adapters.count == 1, let adapter = adapters.first else {
      throw UsageError("--canonical takes one adapter folder, found \(adapters.count)")
    }
    guard let output else { throw UsageError("--output DIR is missing") }
    let place = try OutputFolder(
      output, flag: "--output", overwrite: overwrite, marker: "adapter_config.json",
      sparing: [adapter])
    let source = try Located.adapter(adapter)
    let form = try CanonicalForm(StoredAdapter(at: source))
    try place.publish {
      try form.draft.write(as: .peft, into: $0)
      try AdapterFolder.copyTemplate(from: source, into: $0)
    }
    guard json else { return try Console.result("\(place.url.relativePath): canonical") }
    try Console.result([
      "adapter": .string(place.url.relativePath), "modules": .integer(form.draft.modules.count),
      "parameters": .integer(form.draft.factorParameters),
    ])
  }

  private func report(_ difference: AdapterDifference) throws {
    guard !json else { return try Console.result(difference.json) }
    let rows = difference.modules.filter { !$0.isEqual }.map { module in
      [
        module.path, "rank \(module.ranks[0]) and \(module.ranks[1])",
        String(format: "‖ΔW‖ %.4g and %.4g", module.norms[0], module.norms[1]),
        String(format: "distance %.4g", module.distance),
        String(format: "cosine %.4f", module.cosine).replacing("-", with: "−"),
      ]
    }
    if !rows.isEmpty { try Console.result(TextTable(rows: rows, right: [1, 2, 3, 4]).text) }
    for name in difference.otherTensors + difference.facts {
      try Console.result("\(name)  differs".printable)
    }
    try Console.result(Self.verdict(difference))
  }

  private static func verdict(_ difference: AdapterDifference) -> String {
    if difference.isEqual {
      return "equal: both hold the same update of \(counted(difference.modules.count, "module"))"
    }
    guard difference.modules.contains(where: { $0.distance > $0.rounding }) else {
      guard difference.otherTensors.isEmpty else {
        return "different: the updates are the same, other tensors are not"
      }
      return difference.modules.allSatisfy(\.isEqual)
        ? "different: the updates are the same, \(difference.facts.joined(separator: ", ")) is not"
        : "different: BA is the same, DoRA's magnitudes are not"
    }
    return String(
      format: "different: ‖ΔW − ΔW'‖ = %.4g, which is %.3g %% of the larger ‖ΔW‖",
      difference.distance, 100 * difference.relativeDistance)
  }
}
