import Foundation
import LowRank

/// What a run trains, how it is kept, and what tells it from another.
protocol RunSubject {
  /// How many numbers are trained.
  var parameterCount: Int { get }
  /// Its part of what makes a run the run it is.
  func identity(_ settings: RunSettings) throws -> JSONObject
  /// The steps that train it on some rows.
  func training(
    _ settings: RunSettings, of task: any RunTask, on rows: any TrainingSet, steps: Int,
    reducer: any Reducer
  ) throws -> Training
  /// What is trained, with its values so far, as it is saved.
  ///
  /// - Throws: what making an adapter of it throws.
  func values(of training: Training) throws -> TrainedValues
  /// What an earlier evaluation kept in the folder of a state.
  func values(in folder: URL) throws -> TrainedValues
  /// Says how much is trained.
  func announce()
}

/// An adapter that is trained on a model.
struct AdapterSubject: RunSubject {
  private(set) var adapter: Adapter

  init(_ adapter: Adapter) { self.adapter = adapter }

  /// Keeps what everything that uses the adapter has to know of the task.
  mutating func keep(_ task: any RunTask) {
    adapter.task = task.facts
    adapter.chatTemplate = task.chatTemplate ?? adapter.chatTemplate
  }

  var parameterCount: Int { adapter.parameterCount }

  func identity(_ settings: RunSettings) throws -> JSONObject {
    var configuration = adapter.peftConfiguration
    // The fingerprint says which base it is, wherever it lies.
    configuration["base_model_name_or_path"] = nil
    configuration["revision"] = JSONValue.null
    // As asked for, not as stored, where an offset doubles them.
    if adapter.updates.contains(where: { !$0.frozen.isEmpty }) {
      for (key, value) in adapter.configuration.ranks.json.entries { configuration[key] = value }
    }
    return [
      "adapter": .object(configuration),
      RunSettings.ranksKey: try settings.sharedRanks(of: adapter),
    ]
  }

  func training(
    _ settings: RunSettings, of task: any RunTask, on rows: any TrainingSet, steps: Int,
    reducer: any Reducer
  ) throws -> Training {
    do {
      let allocator =
        try settings.initAdapter == nil
        ? settings.adapter.rankRule().allocator?(adapter, steps, settings.model.seedBits) : nil
      let optimization = try settings.steps.optimization()
      if let reason = optimization.optimizer.idleReason(steps: steps) {
        Remarks.warn("\(.optimizer) \(settings.steps.optimizer?.name ?? ""): \(reason)")
      }
      let sum = (0..<steps).reduce(0.0) {
        $0 + optimization.learningRate.rate(at: $1, of: steps)
      }
      if let reason = allocator?.idleReason(rates: sum) {
        let name = settings.adapter.ranks?.name ?? ""
        Remarks.warn("\(.ranks) \(name): \(reason)")
      }
      warnOfSurplusRank()
      return try Training(
        adapter, on: rows, optimizer: optimization, steps: steps,
        batchSize: settings.steps.batchSize, accumulation: settings.steps.gradAccumulation,
        seed: settings.model.seedBits, shuffles: !settings.noShuffle, allocator: allocator,
        reducer: reducer)
    } catch let error as MethodError {
      throw SettingsError(KeyedText("\(error)" as String))
    } catch let error as AdapterError {
      throw error.settingsError() ?? error
    } catch let error as TrainingError {
      guard settings.initAdapter == nil, let refusal = try settings.combination.refusal(of: error)
      else { throw error }
      throw SettingsError(KeyedText("\(refusal)" as String))
    }
  }

  /// Warns where factors are given more directions than the weight they change has.
  private func warnOfSurplusRank() {
    func directions(_ site: AdaptedSite) -> Int { min(site.map.inputs, site.map.outputs) }
    let excess = zip(adapter.sites, adapter.updates).filter { site, update in
      !update.pairs.isEmpty && site.rank > directions(site)
    }
    guard let site = excess.map(\.0).min(by: { directions($0) < directions($1) }) else { return }
    Remarks.warn(
      """
      the rank of \(site.path) is \(site.rank), and its weight [\(site.map.outputs), \(site.map.inputs)] has at most \
      \(directions(site)) directions: the others add parameters alone; give \(.rank) \(directions(site)) or less
      """)
  }

  func values(of training: Training) throws -> TrainedValues {
    .adapter(try training.finishedAdapter)
  }

  func values(in folder: URL) throws -> TrainedValues {
    .adapter(try Adapter(from: folder, on: adapter.model, toContinue: true))
  }

  func announce() {
    let base = adapter.model
    let share = 100 * Double(adapter.parameterCount) / Double(base.parameterCount)
    Remarks.say(
      """
      \(adapter.sites.count + adapter.embeddings.count) modules adapted, \
      \(adapter.parameterCount) parameters trained of \(base.parameterCount) \
      (\(String(format: "%.2f", share)) %)
      """)
  }
}

/// A model all of whose weights are trained.
struct ModelSubject: RunSubject {
  let parameterCount: Int
  private let engine: any Engine
  private let chatTemplate: String?

  init(_ task: any RunTask) {
    (parameterCount, engine) = (task.base.parameterCount, task.base.engine)
    chatTemplate = task.chatTemplate
  }

  func identity(_ settings: RunSettings) -> JSONObject { [:] }

  func training(
    _ settings: RunSettings, of task: any RunTask, on rows: any TrainingSet, steps: Int,
    reducer: any Reducer
  ) throws -> Training {
    try Training(
      all: task.base, on: rows, optimizer: settings.steps.optimization(), steps: steps,
      batchSize: settings.steps.batchSize, accumulation: settings.steps.gradAccumulation,
      seed: settings.model.seedBits, shuffles: !settings.noShuffle, reducer: reducer)
  }

  func values(of training: Training) -> TrainedValues {
    .model(training.model, chatTemplate: chatTemplate)
  }

  func values(in folder: URL) throws -> TrainedValues {
    .model(
      try Model(from: folder, as: .causal, precision: .float32, engine: engine),
      chatTemplate: chatTemplate)
  }

  func announce() { Remarks.say("\(parameterCount) parameters are trained") }
}
