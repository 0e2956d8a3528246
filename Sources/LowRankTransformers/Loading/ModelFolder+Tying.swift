import Foundation
import LowRankCheckpoints
import LowRankTensors

/// Whether the head of a language model is tied to the embeddings, by the configuration and by the tensors in the
/// files, as transformers 5.23 decides it.
extension ModelFolder {
  /// The configuration of the model that the files hold.
  ///
  /// It is that of `config.json`, with `tie_word_embeddings` false if the files hold a head and embeddings with
  /// different values.
  /// - Throws: what reading the configuration and the two tensors throws.
  package var untyingConfig: JSONFile {
    get throws {
      guard try holdsOtherHead else { return config }
      return config.replacing(["tie_word_embeddings": false])
    }
  }

  /// The configuration of the model with a head; the tensors are considered only if it may be a language model.
  func config(for head: ModelHead?) throws -> JSONFile {
    switch head {
    case nil, .causal: try untyingConfig
    case .classifier(let classification?):
      classification.className.map { config.replacing(["architectures": [.string($0)]]) } ?? config
    case .classifier(nil), .some(.none): config
    }
  }

  /// Whether the configuration ties the head to the embeddings, but the files hold both with different values.
  private var holdsOtherHead: Bool {
    get throws {
      guard let tying = try HeadTying(config), let head = self[TensorName(tying.head)],
        let table = untied(tying.table, prefix: tying.prefix)
      else { return false }
      return try !head.holdsNumbers(of: table)
    }
  }

  /// The tensor `name` of the class for the task, under any of its names in the checkpoint.
  ///
  /// The embeddings and a head that is tied to them may each be stored under the other's name.
  package func tensor(of name: String, prefix: String) -> StoredTensor? {
    if let tensor = untied(name, prefix: prefix) { return tensor }
    guard let tying = try? HeadTying(config) else { return nil }
    if name == tying.table { return self[TensorName(tying.head)] }
    return name == tying.head ? untied(tying.table, prefix: prefix) : nil
  }

  private func untied(_ name: String, prefix: String) -> StoredTensor? {
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    let former = FormerNames.former(of: name).map { [$0, String($0.dropFirst(prefix.count))] }
    for name in [name, bare] + (former ?? []) {
      if let tensor = self[TensorName(name)] { return tensor }
      for (new, old) in [(".weight", ".gamma"), (".bias", ".beta")] where name.hasSuffix(new) {
        if let tensor = self[TensorName(name.dropLast(new.count) + old)] { return tensor }
      }
    }
    return nil
  }
}

extension ModelFolder {
  /// Whether the files hold the head of a classifier.
  ///
  /// - Throws: `JSONError` for `architectures` of the wrong type.
  package var hasClassifierHead: Bool {
    get throws {
      let names = try config.optionalStrings("architectures") ?? []
      guard names.isEmpty || names.contains(where: ModelHead.isClassifier)
      else { return false }
      return self.names.contains { ModelHead.isMapToClasses($0.text) }
    }
  }
}

/// The names of the embeddings and of the head that a configuration ties to them.
package struct HeadTying {
  /// The name of the embeddings in the class for the task.
  package let table: String
  /// The name of the head.
  package let head = "lm_head.weight"
  let prefix: String

  /// The two names; nil if the configuration ties nothing.
  ///
  /// - Throws: `JSONError` for a value of the wrong type.
  package init?(_ config: some JSONFields) throws {
    let type = try config.string("model_type")
    let isGPT2 = type == "gpt2"
    guard
      ["gpt2", "gemma3_text", "phi3"].contains(type)
        || LlamaConfiguration.Family(rawValue: type) != nil,
      try config.bool(
        "tie_word_embeddings", default: ["gpt2", "gemma3_text", "smollm3"].contains(type))
    else { return nil }
    prefix = try Architectures.prefix(config)
    table = prefix + (isGPT2 ? "wte" : "embed_tokens") + ".weight"
  }
}

extension StoredTensor {
  /// Whether another tensor has the same shape and the same values, whatever the stored types.
  func holdsNumbers(of other: StoredTensor) throws -> Bool {
    guard shape == other.shape else { return false }
    if type == other.type, try holdsBytes(of: other) { return true }
    guard [type, other.type].allSatisfy(StoredType.floatingPoint.contains) else {
      return try floats() == other.floats()
    }
    // A part at a time: the numbers of a large vocabulary's tables take gigabytes.
    return try stride(from: 0, to: shape.count, by: 1 << 20).allSatisfy { start in
      let part = start..<min(start + 1 << 20, shape.count)
      return try elements(part).floats() == other.elements(part).floats()
    }
  }

  /// Whether another tensor has the same bytes.
  private func holdsBytes(of other: StoredTensor) throws -> Bool {
    guard byteCount == other.byteCount else { return false }
    return try zip(pieces(), other.pieces()).allSatisfy { mine, other in
      defer {
        mine.forget()
        other.forget()
      }
      return try mine.withBytes { mine in
        try other.withBytes { other in
          guard let mine = mine.baseAddress, let start = other.baseAddress else { return true }
          return memcmp(mine, start, other.count) == 0
        }
      }
    }
  }
}
