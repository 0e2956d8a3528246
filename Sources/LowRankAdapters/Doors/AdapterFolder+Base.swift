import Foundation
import LowRankCheckpoints
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
      adapter: url.relativePath, expected: expected, base: own.url.relativePath, found: found)
  }

  /// Refuses a base of another task, whose modules have other names.
  func checkTask(_ base: Model) throws {
    let type = try config.optionalString("task_type")
    let isClassifier = base.architecture is SequenceClassifier
    guard let type, isClassifier != (type == "SEQ_CLS"),
      type == "SEQ_CLS" || type == "CAUSAL_LM"
    else { return }
    throw AdapterError.otherTask(
      folder: url.relativePath, task: type, model: base.architecture.className)
  }

  /// Modules whose own weight PEFT saved beside the factors: embeddings and heads that are targets.
  func replacedModules(in base: Model) -> Set<String> {
    var modules: Set<String> = []
    base.architecture.places { site, place in
      if case .plain = place { return }
      let name = Self.prefix + site.path + ".base_layer.weight"
      if file[TensorName(name)] != nil { modules.insert(site.path) }
    }
    return modules
  }
}
