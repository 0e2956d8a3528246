import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank combine`: makes one adapter of several.
struct Combine: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Add up adapters of one base, each with a weight.",
    discussion: """
      Needs neither model nor data. ADAPTER=0.5 gives an adapter half the weight, ADAPTER=-1 subtracts it. The default is \
      the exact sum of the updates; --rank or a policy keeps its largest singular values. The difference from the exact sum \
      is measured in double precision, in PEFT's modes too. Adapters are folders of PEFT or mlx-lm, or GGUF files; the \
      result is a PEFT folder.

      EXAMPLE:
        lowrank combine adapters/e2e adapters/style=0.5 --output adapters/sum
      """)

  @Argument(
    help: ArgumentHelp("Adapters, each with an optional =WEIGHT. (required)", valueName: "adapter"),
    completion: .adapter)
  var adapters: [String] = []

  @Option(
    help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"),
    completion: .folder)
  var output: String?

  @OptionGroup var options: CombinationOptions

  @OptionGroup(title: "Policy of a sum") var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "The base, a folder or a name on the hub, which a GGUF adapter may need.",
      valueName: "model"), completion: .model)
  var model: String?

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup var checks: CheckOptions

  @OptionGroup var replacing: OverwriteOption<ResultFolder>

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard !adapters.isEmpty else { throw UsageError("give the adapters to combine") }
    let paths = try adapters.map { try WeightedPath($0) }
    try options.check()
    if let flag = policy.given.first {
      guard options.mode == "sum" else {
        throw UsageError("\(flag) has no effect with --mode \(options.mode); it belongs to sum")
      }
      guard options.rank == nil else {
        throw UsageError("give either --rank or \(flag), not both")
      }
    }
    guard let output else { throw UsageError("--output DIR is missing") }
    try threadOptions.check()
    // Whether the adapters have one base is checked without a model too.
    try checks.settings.checkUsed(
      model != nil || checks.settings.allowed.subtracting([.fingerprint]).isEmpty, with: "--model")
    let place = try OutputFolder(
      output, name: "--output", overwrite: replacing.overwrite, marker: "adapter_config.json",
      sparing: paths.map(\.path))
    let combination = try Combination(
      paths.map {
        try WeightedAdapter(
          StoredAdapter(
            at: Located.adapter($0.path), model: model.map { try Located.model($0) }),
          weight: $0.weight)
      }, allowing: checks.settings.allowed)
    guard
      try model == nil
        || combination.adapters.contains(where: {
          try StoredAdapter.mayNeedBase($0.adapter.url)
        })
    else {
      throw UsageError("--model has no effect: the adapters say all that is needed of their base")
    }
    Self.announceBases(of: combination)
    let draft = try draft(combination, place.url)
    if let base = try model.map({ try ModelFolder(at: Located.model($0)) }) {
      for entry in combination.adapters { try checks.settings.check(entry.adapter, on: base) }
    }
    let copies = draft.others.count { $0.isBaseCopy }
    if draft.others.count > copies {
      Console.write(
        "note: \(counted(draft.others.count - copies, "tensor")) trained whole, equal in all adapters and kept without a weight"
      )
    }
    if copies > 0 {
      Console.write(
        "note: \(copies == 1 ? "1 copy of a weight" : "\(copies) copies of weights") of the base, which PEFT saved beside its factors, kept as it is"
      )
    }
    let report = try combination.report(on: draft)
    if options.mode == "sum" {
      let share = report.relativeDistance * report.relativeDistance
      let warning = CompressionText.warning(
        share, by: options.rank.map { "--rank \($0)" } ?? policy.text,
        advice: "keep more, or leave the flag out for the exact sum")
      if let warning { Console.write(warning) }
    }
    var facts: JSONObject = ["mode": .string(options.mode)]
    for (key, value) in report.json.entries { facts[key] = value }
    try place.publish { folder in
      try draft.write(as: .peft, into: folder)
      try JSONValue.object(facts).write(to: folder.appending(path: "combination.json"))
    }
    var result: JSONObject = ["adapter": .string(place.url.relativePath)]
    for (key, value) in facts.entries { result[key] = value }
    guard !results.json else { return try Console.result(result) }
    try Console.result(Self.table(report))
    try Console.result(
      String(
        format: "%@: %@ of %d, rank %d, %d parameters, ‖ΔW − Σ w ΔW‖ = %.3g of %.4g",
        place.url.relativePath, options.mode, adapters.count, report.rank, report.parameters,
        report.distance, report.norm))
  }

  /// Says where adapters have different bases, or share no module: a sum of them is rarely meant.
  private static func announceBases(of combination: Combination) {
    let stored = combination.adapters.map(\.adapter)
    if let bases = combination.otherBases {
      Console.insist("allowed: \(bases)".printable)
    } else if let warning = differentNames(of: stored) {
      Console.write("warning: \(warning)".printable)
    }
    let counts = stored.flatMap { $0.modules.map(\.path) }.reduce(into: [String: Int]()) {
      $0[$1, default: 0] += 1
    }
    if stored.count > 1, counts.values.allSatisfy({ $0 == 1 }) {
      Console.write(
        "note: no module is adapted by more than one of the adapters")
    }
  }

  /// What to say of adapters that name different bases and have no fingerprints to show that these are one model.
  private static func differentNames(of stored: [StoredAdapter]) -> String? {
    guard stored.contains(where: { $0.baseFingerprint == nil }) else { return nil }
    let named = stored.filter { $0.baseName?.isEmpty == false }
    guard let one = named.first, let other = named.first(where: { $0.baseName != one.baseName })
    else { return nil }
    return """
      different bases by name: \(one.baseName ?? "") and \(other.baseName ?? ""); the adapters do not all record a \
      fingerprint that would show whether these are one model
      """
  }

  /// The combined adapter, a sum cut as was asked for.
  private func draft(_ combination: Combination, _ place: URL) throws -> EditableAdapter {
    let whole = try combination.draft(by: options.mode(of: combination.adapters))
    guard options.mode == "sum", options.rank != nil || !policy.given.isEmpty else { return whole }
    let adapter = try StoredAdapter(whole, at: place)
    let chosen = try options.rank.map { UniformRank($0) } ?? policy.policy(for: adapter)
    let compression = try Compression(adapter)
    return try compression.keeping(chosen.ranks(for: compression.spectra)).draft
  }

  /// A line for each module: its rank, and how far it is from the exact sum.
  private static func table(_ report: CombinationReport) -> String {
    let rows = report.modules.map { module in
      [
        module.path, "rank \(module.rank)",
        String(format: "distance %.3g of %.4g", module.distance, module.norm),
      ]
    }
    return TextTable(rows: rows, right: [1]).text
  }
}
