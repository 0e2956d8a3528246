import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Everything that a run needs to go on exactly where it stood: values, the optimizer's state, the step, the place in the
/// data, and what was measured.
///
/// It is a folder: `state.safetensors` with trained and frozen values and moments, `state.json`, `metrics.jsonl`, the adapter that was kept by
/// then in PEFT's files, and `manifest.json` with the hash of each.
public struct TrainingState: Sendable {
  /// The steps taken.
  public let number: Int
  /// The step whose adapter is kept, which is an earlier one if that was the best; nil in states of older versions.
  public let keptStep: Int?
  /// Whether the run had ended: all its steps were taken, or it was stopped early for good.
  public let isFinished: Bool
  /// What the run was asked for; a run is only continued as the run it was.
  public let settings: JSONObject
  /// The files of weights that the run left beside its states, each with its size and hash; nil in states of older versions.
  public let result: JSONObject?
  /// The lines of `metrics.jsonl` so far.
  public let metrics: [JSONObject]
  private let examplesAtOnce: Int?
  private let evaluatedAtOnce: Int?
  private let position: LoaderPosition
  private let file: SafetensorsFile

  private static let stateName = "state.json"
  private static let tensorsName = "state.safetensors"
  static let metricsName = "metrics.jsonl"
  private static let valuePrefix = "value."
  private static let frozenPrefix = "frozen."
  private static let optimizerPrefix = "optimizer."
  private static let ranksPrefix = "ranks."

  /// Opens the state in a folder, checking every file against the manifest.
  ///
  /// - Throws: `StateError`, `JSONError`, `SafetensorsError`, `FileError` where it is broken.
  public init(in folder: URL) throws {
    try StateManifest.check(folder)
    let json = try JSONFile(at: folder.appending(path: Self.stateName))
    number = try json.integer("step")
    keptStep = try json.optionalInteger("kept_step")
    isFinished = try json.bool("finished")
    settings = try json.object("settings").object
    result = try json.optionalObject("result")?.object
    examplesAtOnce = try json.optionalInteger("examples_at_once")
    evaluatedAtOnce = try json.optionalInteger("evaluated_at_once")
    let place = try json.object("position")
    position = LoaderPosition(
      epoch: try place.integer("epoch"), index: try place.integer("index"))
    file = try SafetensorsFile(at: folder.appending(path: Self.tensorsName))
    let lines = folder.appending(path: Self.metricsName)
    metrics =
      FileManager.default.fileExists(atPath: lines.path)
      ? try Self.readMetrics(lines) : []
  }

  private static func readMetrics(_ url: URL) throws -> [JSONObject] {
    try DataTable(at: url).rows.map(\.fields)
  }

  /// Writes the state of a run into a folder that somebody else publishes.
  ///
  /// - Parameters:
  ///   - best: the step whose adapter is kept; the last one if nil or 0.
  ///   - result: the files of weights that the run leaves beside its states, each with its size and hash.
  /// - Throws: `FileError`.
  public static func write(
    _ training: Training, settings: JSONObject, metrics: MetricsLog, isFinished: Bool,
    keeping best: Int? = nil, beside result: JSONObject? = nil, into folder: URL
  ) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let engine = training.model.engine
    func source(_ name: String, _ tensor: Tensor) -> TensorSource {
      TensorSource(TensorName(name), tensor.shape, floats: engine.floats(tensor))
    }
    let values = training.trainable.parameters.map {
      source(valuePrefix + $0.path, training.model.store[$0])
    }
    let frozen = training.frozen.map {
      source(frozenPrefix + $0.path, training.model.store[$0])
    }
    let moments = training.optimization.optimizer.state(on: engine).map {
      source(optimizerPrefix + $0.key.text, $0.value)
    }
    let ranks = (training.allocator?.state(on: engine) ?? [:]).map {
      source(ranksPrefix + $0.key.text, $0.value)
    }
    try SafetensorsFile.write(
      values + frozen + moments + ranks, to: folder.appending(path: tensorsName))
    if !metrics.isEmpty {
      let log = try OutputFile(at: folder.appending(path: metricsName))
      try log.write(metrics.bytes)
      try log.close()
    }
    let position = training.loader.position
    let json: JSONValue = [
      "step": .integer(training.number), "finished": .bool(isFinished),
      "kept_step": .integer(best.flatMap { $0 > 0 ? $0 : nil } ?? training.number),
      "settings": .object(settings), "result": result.map { .object($0) } ?? .null,
      // What is dropped depends on which examples are computed together.
      "examples_at_once": training.examplesAtOnce.map { .integer($0) } ?? .null,
      "evaluated_at_once": training.evaluatedAtOnce.map { .integer($0) } ?? .null,
      "position": ["epoch": .integer(position.epoch), "index": .integer(position.index)],
    ]
    try json.write(to: folder.appending(path: stateName))
    try StateManifest.write(into: folder)
  }

  /// Brings a run that was made with the same settings to where this state was saved.
  ///
  /// - Throws: `TrainingError` where the state belongs to other parameters, `DataError` where the data shrank.
  public func restore(_ training: inout Training) throws {
    let engine = training.model.engine
    try training.allocator?.restore(try tensors(Self.ranksPrefix, on: engine), on: engine)
    training.hold(folded: foldedRanks)
    var values: [Parameter: Tensor] = [:]
    for (prefix, parameters) in [
      (Self.valuePrefix, training.trainable.parameters), (Self.frozenPrefix, training.frozen),
    ] {
      for parameter in parameters {
        values[parameter] = engine.tensor(
          try numbers(prefix + parameter.path, parameter.shape), parameter.shape, type: .float32)
      }
    }
    try training.optimization.optimizer.restore(
      try tensors(Self.optimizerPrefix, on: engine), of: training.trainable.parameters, on: engine)
    training.restore(values)
    training.loader = try training.loader.continued(from: position)
    training.number = number
    training.examplesAtOnce = examplesAtOnce
    training.evaluatedAtOnce = evaluatedAtOnce
  }

  /// The tensors behind a prefix, under their names without it.
  private func tensors(_ prefix: String, on engine: any Engine) throws -> [TensorName: Tensor] {
    var found: [TensorName: Tensor] = [:]
    for stored in file.tensors {
      guard let name = stored.name.droppingPrefix(prefix) else { continue }
      found[name] = engine.tensor(try stored.floats(), stored.shape, type: .float32)
    }
    return found
  }

  /// The ranks of frozen products that were folded while the run went, by the path of A.
  private var foldedRanks: [String: Int] {
    var ranks: [String: Int] = [:]
    for stored in file.tensors {
      guard let name = stored.name.droppingPrefix(Self.frozenPrefix),
        name.text.contains(".lora_folded_A.")
      else { continue }
      ranks[name.text] = stored.shape[0]
    }
    return ranks
  }

  private func numbers(_ name: String, _ shape: Shape) throws -> [Float] {
    guard let stored = file[TensorName(name)] else { throw TrainingError.missingState(name: name) }
    guard stored.shape == shape else {
      throw TrainingError.misshapenState(
        name: name, found: "\(stored.shape)", expected: "\(shape)")
    }
    return try stored.floats()
  }
}
