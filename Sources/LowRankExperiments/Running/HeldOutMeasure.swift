import Foundation
import LowRank
import LowRankSessions

/// Measures what a run has kept, as `lowrank evaluate` would: the adapter is read from its folder.
struct HeldOutMeasure {
  private let settings: RunSettings

  /// - Parameter settings: those of the run, whose output holds the adapter.
  init(_ settings: RunSettings) { self.settings = settings }

  /// The metrics on some rows, by name.
  ///
  /// - Throws: what reading model, adapter and rows throws.
  func metrics(on rows: DataSplit) throws -> [String: Double] {
    let path = settings.output ?? ""
    let folder = try settings.model.adapterFolder(path)
    let base = try settings.model.loadModel(as: folder.head)
    let adapter = try Adapter(from: folder.url, on: base)
    let model = adapter.model
    guard model.classifier != nil else {
      let data = settings.data
      let set = try data.examples(
        rows, data.encoder(for: model, adapter: path), keptIn: adapter.task)
      let result = Evaluation(model, adapters: adapter.selection, on: set)
      return [Metric.loss.rawValue: result.loss]
    }
    let task = try LabelledTask(JSONSection(adapter.task ?? [:], of: "the adapter's task"))
    let set = try LabelledSet(
      of: rows, columns: settings.data.columns.filled(from: task.columns), task: task.task,
      labels: task.labels,
      encoder: settings.data.labelledEncoder(for: model, trained: task.maxLength))
    let result = LabelledEvaluation(model, adapters: adapter.selection, on: set)
    var found: [String: Double] = [:]
    for (key, value) in result.json.entries where Metric(rawValue: key) != nil {
      found[key] = value.double
    }
    return found
  }

  /// The loss on other texts with the adapter, or without one.
  ///
  /// - Throws: what reading model, adapter and rows throws.
  func loss(on place: String, withAdapter isAdapted: Bool) throws -> Double {
    guard isAdapted else {
      let base = try settings.model.loadModel(as: .causal)
      return Evaluation(base, on: try examples(place, for: base)).loss
    }
    let folder = try settings.model.adapterFolder(settings.output ?? "")
    let base = try settings.model.loadModel(as: folder.head)
    let adapter = try Adapter(from: folder.url, on: base)
    let set = try examples(place, for: adapter.model)
    return Evaluation(adapter.model, adapters: adapter.selection, on: set).loss
  }

  /// Refuses other texts that could not be measured on after the runs.
  ///
  /// - Parameter place: the data that `forgetting` names; nil for none.
  /// - Throws: what reading them throws.
  func check(_ place: String?) throws {
    guard let place else { return }
    do { _ = try examples(place, for: settings.model.loadModel(as: .causal)) } catch let error
      as DataError
    {
      throw DataError("forgetting: \(error.place)", error.problem)
    }
  }

  /// Other texts, whose columns are their own.
  private func examples(_ place: String, for model: Model) throws -> ExampleSet {
    var data = DataSettings(place, chatTemplate: settings.data.chatTemplate)
    data.maxSequenceLength = settings.data.maxSequenceLength
    return try data.examples(LocatedData.rows(place), data.encoder(for: model))
  }
}
