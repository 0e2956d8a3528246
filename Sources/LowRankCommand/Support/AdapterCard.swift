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
    let (folder, stored) = (adapter.folder, adapter.stored)
    let configuration = try AdapterConfiguration(peft: folder.config)
    var card = ModelCard(for: name, base: base(of: adapter))
    card.task = folder.config["task_type"]?.string
    card.method = folder.config["use_dora"]?.bool == true ? "DoRA" : "LoRA"
    card.license = license
    card.targets = targets(folder.config["target_modules"])
    let isStabilized = configuration.ranks.isRankStabilized
    card.modules = stored.modules.map { module in
      let rank = Double(module.rank)
      let alpha = module.scale * (isStabilized ? rank.squareRoot() : rank)
      // Removes rounding errors of double precision, as the configuration does.
      return ModelCard.Module(
        path: module.path, rank: module.rank,
        alpha: Double(String(format: "%.15g", alpha)) ?? alpha)
    }
    card.parameters = folder.file.tensors.reduce(0) { $0 + $1.shape.count }
    let state = try? StateHistory(inAdapter: folder.url).newest()
    card.data = data(of: adapter, state)
    card.metrics = state.map { measures(in: $0.metrics) } ?? []
    card.making = making(of: adapter, state)
    return card
  }

  /// The base by its name on the hub; by the last name of a folder otherwise.
  static func base(of adapter: PushedAdapter) -> ModelCard.Base {
    var base = ModelCard.Base(fingerprint: adapter.stored.baseFingerprint)
    guard let path = adapter.basePath else { return base }
    // What we wrote names a commit beside a name on the hub: without one, it is a folder's path.
    let isPath = version(adapter.folder) != nil && adapter.folder.config["revision"]?.string == nil
    if let origin = try? ModelFolder(at: URL(filePath: path)).origin {
      base.id = origin.name
    } else if !isPath, !FileManager.default.fileExists(atPath: path),
      let name = try? HubName(path)
    {
      base.id = name.id
    } else {
      base.folder = lastName(path)
    }
    return base
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

  /// The last and best value of everything that lines of metrics hold.
  private static func measures(in lines: [JSONObject]) -> [ModelCard.Measure] {
    var names: [String] = []
    for line in lines {
      for key in line.keys where key == "loss" || key.hasPrefix("valid_") {
        if !names.contains(key) { names.append(key) }
      }
    }
    return names.compactMap { key in
      let points = lines.compactMap { line -> ModelCard.Measure.Point? in
        guard let step = line["step"]?.integer, let value = line[key]?.double else { return nil }
        return ModelCard.Measure.Point(step: step, value: value)
      }
      guard let first = points.first, let last = points.last else { return nil }
      let name = String(key.hasPrefix("valid_") ? key.dropFirst("valid_".count) : key[...])
      guard let metric = Metric(rawValue: name) else { return nil }
      let best = points.reduce(first) { metric.isBetter($1.value, than: $0.value) ? $1 : $0 }
      let title = name.replacing("_", with: " ")
      return ModelCard.Measure(
        key == "loss" ? "training loss of a step" : "validation \(title)", last: last, best: best)
    }
  }

  private static func making(of adapter: PushedAdapter, _ state: TrainingState?) -> [ModelCard.Row]
  {
    var rows: [ModelCard.Row] = []
    if let version = version(adapter.folder) {
      rows.append(ModelCard.Row("Made with", "lowrank \(version)"))
    }
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

  /// The version of ours that wrote an adapter; nil where another tool did.
  private static func version(_ folder: AdapterFolder) -> String? {
    guard let text = folder.file.metadata["lowrank"]?.string,
      let facts = try? JSONValue(parsing: text).object
    else { return nil }
    return facts["version"]?.string
  }

  private static func lastName(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.lastPathComponent
  }
}
