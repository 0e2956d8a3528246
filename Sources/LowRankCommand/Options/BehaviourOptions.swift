import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that measure on data what an adapter does to predictions.
struct BehaviourOptions: ParsableArguments {
  @OptionGroup var data: DataOptions<DataIfGiven>
  @OptionGroup var splitOption: SplitOption

  @Flag(help: "Measure the loss without each module.")
  var ablate = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Measure the loss without each of the n largest singular directions.", valueName: "n"))
  var directions: Int = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The rows whose tokens are compared with the base's predictions.", valueName: "n"))
  var examples: Int = 8

  @OptionGroup var products: PrecisionOption

  /// The rows of inputs that principal directions are taken from.
  private static let inputRows = 1024

  /// Refuses what cannot work, before anything is read.
  func check(model: String?) throws {
    try Bounds.check(directions, "--directions", from: 0)
    try Bounds.check(examples, "--examples", from: 0)
    _ = try Precision(setting: products.precision)
    if data.data == nil, ablate || directions > 0 {
      throw UsageError("\(ablate ? "--ablate" : "--directions") needs data: --data FILE is missing")
    }
    if data.data != nil, model == nil {
      throw UsageError("--data needs the base: --model DIR is missing")
    }
  }

  func measure(
    _ result: inout AnalysisResult, model: String?, by checks: CheckOptions, threads: Int?,
    quietly: Bool
  ) throws {
    guard let path = data.data, let model else { return }
    let analysis = result.analyses[0]
    var base = try Model(
      from: Located.model(model), as: .causal, precision: PrecisionChoice.taken(products.precision),
      engine: Threads.engine(threads))
    if let folder = try? AdapterFolder(at: analysis.adapter.url) {
      base = try folder.fitting(base)
    }
    PrecisionChoice.announce()
    for note in base.notes { Console.write("note: \(note)") }
    let set = try data.settings.examples(
      LocatedData.rows(path, split: splitOption.split),
      data.settings.encoder(for: base, adapter: analysis.adapter.url.path),
      keptIn: data.settings.kept(beside: analysis.adapter.url.path))
    let adapter = try checks.settings.load(analysis.adapter.url, on: base)
    var behaviour = Behaviour(tokenizer: try base.tokenizer)
    behaviour.tokens = TokenDivergence.tokens(
      of: set, examples: examples, base: base, adapter: adapter)
    behaviour.raised = RaisedTokens.reading(analysis.updates, in: base)
    let recorder = InputRecorder(analysis.modules.map(\.stored.path), rows: Self.inputRows)
    recorder.record(adapter.model, adapters: adapter.selection, on: set)
    let work = Work("comparing with the inputs", of: analysis.modules.count, .modules)
    defer { work.end() }
    for module in analysis.modules {
      defer { work.advance() }
      let path = module.stored.path
      guard let inputs = recorder.inputs(of: path, width: module.stored.inputs) else { continue }
      behaviour.inputs.append((path, try InputSubspace(of: module.update, inputs: inputs)))
    }
    work.end()
    if ablate || directions > 0 {
      let meter = try QualityMeter(
        analysis.adapter, on: base, data: set, allowing: checks.settings.allowed)
      behaviour.loss = meter.before.loss
      func say(_ part: Ablation) {
        guard !quietly else { return }
        Console.write(
          String(
            format: "without %@%@: loss %.4f", part.path,
            part.direction.map { " direction \($0)" } ?? "", part.loss))
      }
      if ablate {
        behaviour.ablations = try Ablation.modules(
          of: analysis.adapter, analysis.updates, meter, reporting: say)
      }
      behaviour.ablations += try Ablation.directions(
        directions, of: analysis.adapter, analysis.updates, meter, reporting: say)
    }
    result.behaviour = behaviour
  }
}
