import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that compare updates with the weights of their base.
struct WeightOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The base: a model folder, or a name on the hub.", valueName: "model"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Measure amplification for this many leading directions too, as 4,64.", valueName: "n,…"))
  var ranks: String = ""

  @Flag(help: "Look for intruder dimensions; computes the SVD of every weight.")
  var intruders = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The cosine below which a leading direction of W + ΔW is an intruder. (default: 0.5)",
      valueName: "x"))
  var threshold: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write the adapter to --output with its intruders scaled by this, at its own ranks.",
      valueName: "x"))
  var mitigate: Double?

  @Option(
    help: ArgumentHelp("Where the mitigated adapter is written.", valueName: "dir"),
    completion: .folder)
  var output: String?

  @OptionGroup var replacing: OverwriteOption<ResultFolderAndReport>

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of random directions.", valueName: "n"))
  var seed: Int = 0

  private func sizes() throws -> [Int] {
    try ranks.split(separator: ",").map { text in
      guard let rank = Int(text.trimmingCharacters(in: .whitespaces)), rank > 0 else {
        throw UsageError("--ranks is \"\(ranks)\", expected numbers of at least 1 as 4,64")
      }
      return rank
    }
  }

  /// Refuses what cannot work, before anything is read.
  func check(adapters: [String]) throws {
    _ = try sizes()
    if let threshold {
      guard (0...1).contains(threshold) else {
        throw UsageError("--threshold is \(threshold), expected a cosine from 0 to 1")
      }
      guard intruders || mitigate != nil else {
        throw UsageError("--threshold has no effect without --intruders")
      }
    }
    if let mitigate, !(0...1).contains(mitigate) {
      throw UsageError("--mitigate is \(mitigate), expected a factor from 0 to 1 as 0.75")
    }
    let needy = [
      ("--ranks", !ranks.isEmpty), ("--intruders", intruders), ("--mitigate", mitigate != nil),
    ]
    if model == nil, let flag = needy.first(where: \.1) {
      throw UsageError("\(flag.0) needs the base: --model DIR is missing")
    }
    if (mitigate == nil) != (output == nil) {
      throw UsageError(
        mitigate == nil
          ? "--output has no effect without --mitigate"
          : "--mitigate needs --output DIR")
    }
    if mitigate != nil, adapters.count > 1 {
      throw UsageError("--mitigate takes one adapter, found \(adapters.count)")
    }
    if let output {
      _ = try OutputFolder(
        output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
        sparing: adapters + [model])
    }
  }

  func compare(_ result: inout AnalysisResult, by checks: CheckOptions) throws {
    guard let model else { return }
    let analysis = result.analyses[0]
    let base = try ModelFolder(at: Located.model(model))
    try checks.settings.check(analysis.adapter, on: base)
    if intruders || mitigate != nil,
      let module = analysis.modules.first(where: { $0.stored.magnitude != nil })
    {
      throw UsageError(
        "\(mitigate == nil ? "--intruders" : "--mitigate") does not support DoRA, which \(module.stored.path) has"
      )
    }
    let weights = try BaseWeights(base, for: analysis.adapter)
    let comparison = try WeightComparison(
      analysis, weights, ranks: sizes(),
      intrudersBelow: intruders || mitigate != nil ? threshold ?? 0.5 : nil,
      seed: UInt64(bitPattern: Int64(seed)))
    result.weights = comparison
    guard let mitigate, let output else { return }
    let (draft, change) = try comparison.mitigating(analysis, factor: mitigate)
    try publishFolder(
      at: URL(filePath: output), overwrite: replacing.overwrite, replacing: .adapter
    ) {
      try draft.write(as: .peft, into: $0)
    }
    Console.write(
      String(
        format:
          "%@: %@ scaled by %g, which moves the update by %.3g; cutting it back to its ranks changes it by %.3g",
        output, counted(change.intruders, "intruder"), mitigate, change.move, change.distance))
  }
}
