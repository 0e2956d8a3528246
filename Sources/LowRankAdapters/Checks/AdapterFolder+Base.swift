import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension AdapterFolder {
  /// What is wrong where a base is another one than the adapter remembers; nil where nothing is known to be.
  ///
  /// - Throws: what reading the base's files throws.
  func problem(on base: Model) throws -> LoadProblem? {
    guard let expected = facts?.fingerprint, let own = base.folder else { return nil }
    let found = try own.fingerprint().description
    guard expected != found else { return nil }
    return .foreignBase(
      adapter: url.relativePath, of: config["base_model_name_or_path"]?.string, expected: expected,
      base: own.url.relativePath, found: found)
  }

  /// The name of the base in the configuration; nil if there is none.
  var baseName: String? {
    config["base_model_name_or_path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What the folder says of the base that it is read onto.
  func knownBase(of base: Model, isForeign: Bool) -> LoadReport.Base {
    if isForeign { return .other }
    if facts?.fingerprint != nil { return base.folder != nil ? .same : .unknown }
    return baseName != nil ? .named : .unknown
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
