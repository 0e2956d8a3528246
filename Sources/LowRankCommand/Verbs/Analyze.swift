import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank analyze`: what an adapter is.
struct Analyze: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Show what adapters are: spectra, subspaces, what they amplify, what they do.",
    discussion: """
      Spectra and ranks need only the adapter, except for types such as HIRA, whose updates depend on the base. Further \
      adapters are compared with the first. With --model, updates are compared with the weights that they change; with --data, \
      their effect on predictions is measured.

      EXAMPLES:
        lowrank analyze adapters/e2e
        lowrank analyze adapters/seed1 adapters/seed2 --report seeds.html
        lowrank analyze adapters/e2e --model models/smollm --data data/e2e --report e2e.html
      """)

  @Argument(help: "Adapters: folders, or names on the hub. (required)", completion: .adapter)
  var adapters: [String] = []

  @OptionGroup(title: "Comparing") var comparing: ComparisonOptions
  @OptionGroup(title: "With a model") var weights: WeightOptions
  @OptionGroup(title: "With data") var behaviour: BehaviourOptions
  @OptionGroup var checks: CheckOptions

  @OptionGroup(title: "Report") var reporting: ReportOptions

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard !adapters.isEmpty else { throw UsageError("give the folder of an adapter") }
    try weights.check(adapters: adapters)
    try behaviour.check(model: weights.model)
    try checks.settings.checkUsed(weights.model != nil, with: "--model")
    try reporting.check(
      overwrite: weights.replacing.overwrite,
      sparing: adapters + [weights.model, behaviour.data.data])
    try threadOptions.check()
    let analyses = try adapters.map { path in
      try AdapterAnalysis(
        StoredAdapter(
          at: Located.adapter(path), model: weights.model.map { try Located.model($0) }))
    }
    for analysis in analyses where analysis.modules.contains(where: { $0.stored.magnitude != nil })
    {
      Console.write(
        "note: \(analysis.adapter.url.relativePath) is DoRA: figures about its updates describe s·BA"
      )
    }
    var result = AnalysisResult(analyses)
    try comparing.compare(&result)
    try weights.compare(&result, by: checks)
    try behaviour.measure(
      &result, model: weights.model, by: checks, threads: threadOptions.threads,
      quietly: results.json)
    try reporting.write(Report(result), overwrite: weights.replacing.overwrite)
    guard !results.json else { return try Console.result(result.json) }
    for text in AnalysisText(result).lines {
      // Tables fit already; wrapping leaves their lines as they are.
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        try Console.result(String(line).wrapped(to: Terminal.resultColumns))
      }
    }
  }
}
