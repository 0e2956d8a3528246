import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension AdapterFolder {
  /// Whether a model is the base that the adapter records.
  ///
  /// - Throws: what reading the base's files throws.
  func match(on base: Model) throws -> BaseMatch {
    guard let own = base.folder else { return .unknown }
    return try BaseMatch(
      facts, of: url.relativePath, trainedOn: config["base_model_name_or_path"]?.string, on: own)
  }

  /// The name of the base in the configuration; nil if there is none.
  var baseName: String? {
    config["base_model_name_or_path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What a report says of the base; without a fingerprint, a name is all that the folder may have.
  func knownBase(_ match: BaseMatch) -> LoadReport.Base {
    switch match {
    case .unknown: facts?.fingerprint == nil && baseName != nil ? .named : .unknown
    case .same: .same
    case .sibling: .sibling
    case .other: .other
    }
  }

  /// Refuses a base of another task, whose modules have other names.
  func checkTask(_ base: Model) throws {
    let type = try config.optionalString("task_type")
    let isClassifier = base.architecture is SequenceClassifier
    // Tasks that are supported need the matching class; the other tasks have no class here.
    let isOther =
      switch type {
      case "SEQ_CLS": !isClassifier
      case "CAUSAL_LM": isClassifier
      case "TOKEN_CLS", "QUESTION_ANS", "SEQ_2_SEQ_LM": true
      default: false
      }
    guard let type, isOther else { return }
    throw AdapterError.otherTask(
      folder: url.relativePath, task: type, model: base.architecture.className)
  }

  /// Whether the file holds a different value for a parameter of the base, under a name without the prefix.
  ///
  /// PEFT saves whole embeddings and heads after tokens were added to the vocabulary, or if they are targets. Most
  /// are equal to the base's; a tensor of another shape counts as different.
  /// - Throws: what reading the tensor throws.
  func replaces(_ name: String, _ parameter: Parameter, of base: Model) throws -> Bool {
    guard let tensor = file[TensorName(Self.prefix + name)] else { return false }
    guard tensor.shape == parameter.shape else { return true }
    let engine = base.engine
    let own = base.store[parameter]
    let values = engine.tensor(try tensor.floats(), tensor.shape, type: own.type)
    return engine.floats(values) != engine.floats(own)
  }
}
