import Foundation
import LowRank
import LowRankHub
import LowRankRuns

/// The facts of a card, out of an adapter's folder, the state of its run, and the store of runs.
///
/// A path of this machine never gets into a card: of files it says the last name.
enum AdapterCard {
  static func card(of adapter: PushedAdapter, license: String?, for name: HubName) throws
    -> ModelCard
  {
    let folder = adapter.folder
    let configuration = try AdapterConfiguration(peft: folder.config)
    var card = ModelCard(for: name, base: adapter.base)
    card.task = folder.config["task_type"]?.string
    card.method = configuration.method.title
    card.license = license
    card.targets = targets(folder.config["target_modules"])
    let isStabilized = configuration.ranks.isRankStabilized
    card.modules = adapter.modules.map { module in
      let rank = Double(module.rank)
      let alpha = module.scale * (isStabilized ? rank.squareRoot() : rank)
      // Removes rounding errors of double precision, as the configuration does.
      return ModelCard.Module(
        path: module.path, rank: module.rank,
        alpha: Double(String(format: "%.15g", alpha)) ?? alpha)
    }
    card.parameters = folder.file.tensors.reduce(0) { $0 + $1.shape.count }
    card.use = try AdapterUse.use(of: adapter)
    card.trainedTokens = AdapterUse.trainedTokens(of: adapter, configuration)
    let state = try? StateHistory(inAdapter: folder.url).newest()
    card.data = data(of: adapter, state)
    if let state {
      let step = keptStep(of: state)
      card.step = ModelCard.Step(step, of: state.number)
      card.metrics = measures(at: step, in: state.metrics)
    }
    card.making = making(of: adapter, state)
    card.settings = CardSettings.rows(
      state?.settings[RunSettings.settingsKey]?.object ?? [:], base: adapter.base.id)
    return card
  }

  private static func targets(_ value: JSONValue?) -> [String] {
    value?.string.map { [$0] } ?? value?.array?.compactMap(\.string) ?? []
  }

  private static func data(of adapter: PushedAdapter, _ state: TrainingState?) -> [ModelCard.Row] {
    guard let hash = state?.settings["data"]?.string else { return [] }
    var rows: [ModelCard.Row] = []
    if let name = run(of: adapter, dataHash: hash)?.data, !name.isEmpty {
      rows.append(ModelCard.Row("Name", lastName(name)))
    }
    rows.append(ModelCard.Row("Hash of the rows", hash))
    for (key, name) in [
      ("text_columns", "Columns of text"), ("label_column", "Column of labels"),
      ("text_column", "Column of text"), ("prompt_column", "Column of prompts"),
      ("completion_column", "Column of completions"),
      ("prompt_template", "Template of prompts"),
    ] {
      guard let value = adapter.folder.task?[key] else { continue }
      let columns = value.array ?? [value]
      let text = columns.compactMap { $0.string ?? $0.integer.map(String.init) }
      if !text.isEmpty { rows.append(ModelCard.Row(name, text.joined(separator: ", "))) }
    }
    return rows
  }

  /// What the store of runs knows of the run that wrote the adapter; nil where it knows none.
  private static func run(of adapter: PushedAdapter, dataHash: String) -> RunFacts? {
    let place = RunStore.standardLocation(ProcessInfo.processInfo.environment)
    guard FileManager.default.fileExists(atPath: place.path),
      let runs = try? RunStore(at: place).runs()
    else { return nil }
    let path = adapter.folder.url.standardizedFileURL.path
    return runs.first { $0.facts.adapter == path && $0.facts.dataHash == dataHash }?.facts
  }

  /// The step whose adapter lies in the folder.
  static func keptStep(of state: TrainingState) -> Int {
    if let step = state.keptStep { return step }
    // States of older versions do not say it: the best one was kept by the metric, or by the loss with patience.
    let patience = state.settings["patience"]?.integer
    guard
      let metric = state.settings["metric"]?.string.flatMap(Metric.init(rawValue:))
        ?? patience.map({ _ in Metric.loss })
    else { return state.number }
    var best: (step: Int, value: Double)?
    for line in state.metrics {
      guard let step = line["step"]?.integer, let value = line["valid_\(metric.rawValue)"]?.double,
        best.map({ metric.isBetter(value, than: $0.value) }) ?? true
      else { continue }
      best = (step, value)
    }
    return best?.step ?? state.number
  }

  /// What lines of metrics say of a step.
  private static func measures(at step: Int, in lines: [JSONObject]) -> [ModelCard.Measure] {
    var measures: [ModelCard.Measure] = []
    for line in lines where line["step"]?.integer == step {
      for (key, value) in line.entries where key == "loss" || key.hasPrefix("valid_") {
        let name = String(key.hasPrefix("valid_") ? key.dropFirst("valid_".count) : key[...])
        guard Metric(rawValue: name) != nil, let value = value.double else { continue }
        let title = name.replacing("_", with: " ")
        let measure = ModelCard.Measure(
          key == "loss" ? "training loss of this step" : "validation \(title)", value)
        // What is measured again after a resume replaces what was measured before.
        measures.removeAll { $0.name == measure.name }
        measures.append(measure)
      }
    }
    return measures
  }

  private static func making(of adapter: PushedAdapter, _ state: TrainingState?) -> [ModelCard.Row]
  {
    var rows: [ModelCard.Row] = []
    if let version = adapter.version {
      rows.append(ModelCard.Row("Made with", "lowrank \(version)"))
    }
    if let pruning = pruning(of: adapter) { rows.append(ModelCard.Row("Pruned", pruning)) }
    guard let state else { return rows }
    rows.append(ModelCard.Row("Steps", String(state.number)))
    let keys = [
      ("batch_size", "Batch size"), ("grad_accumulation", "Gradient accumulation"),
      ("learning_rate", "Learning rate"), ("lr_schedule", "Schedule"), ("warmup", "Warmup"),
      ("weight_decay", "Weight decay"), ("precision", "Precision"),
      ("max_seq_length", "Longest sequence"), ("seed", "Seed"),
    ]
    for (key, name) in keys {
      guard let value = state.settings[key], value != .null else { continue }
      rows.append(ModelCard.Row(name, value.string ?? value.text()))
    }
    return rows
  }

  /// What `compress` wrote beside the adapter; nil if it did not.
  private static func pruning(of adapter: PushedAdapter) -> String? {
    let file = adapter.folder.url.appending(path: "certificate.json")
    guard let facts = try? JSONFile(at: file), let policy = facts["policy"]?.string,
      let before = facts["rank_before"]?.integer, let after = facts["rank_after"]?.integer,
      let share = facts["discarded_energy_share"]?.double
    else { return nil }
    var text = String(
      format: "rank %d → %d by %@, %.2f %% of the energy discarded", before, after, policy,
      100 * share)
    if let old = facts["loss_before"]?.double, let new = facts["loss_after"]?.double {
      text += String(format: ", loss %.4f → %.4f", old, new)
    }
    return text
  }

  private static func lastName(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.lastPathComponent
  }
}
