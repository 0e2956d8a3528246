import Foundation
import LowRankCheckpoints
import LowRankTensors

/// Whether the head that predicts tokens has the table of the tokens for its weight: by the configuration and by the
/// tensors that the files hold, as transformers 5.23 decides it.
extension ModelFolder {
  /// The configuration of the model that the files hold.
  ///
  /// It is that of `config.json`, with `tie_word_embeddings` false where the files hold a head beside the table and the
  /// numbers of the two differ.
  /// - Throws: what reading the configuration and the two tensors throws.
  package var untyingConfig: JSONFile {
    get throws {
      guard try holdsOtherHead else { return config }
      return config.replacing(["tie_word_embeddings": false])
    }
  }

  /// The configuration of the model with a head: the tensors decide only for one that may predict tokens.
  func config(for head: ModelHead?) throws -> JSONFile {
    switch head {
    case nil, .causal: try untyingConfig
    case .classifier, .some(.none): config
    }
  }

  /// Whether the configuration ties the head to a table that the files hold beside a head of other numbers.
  private var holdsOtherHead: Bool {
    get throws {
      guard let tying = try HeadTying(config), let head = self[TensorName(tying.head)],
        let table = untied(tying.table, prefix: tying.prefix)
      else { return false }
      return try !head.holdsNumbers(of: table)
    }
  }

  /// The tensor that is `name` in the class for the task, under whichever of its names the checkpoint has it.
  ///
  /// A table of tokens and a head that is tied to it may each be stored under the name of the other.
  package func tensor(of name: String, prefix: String) -> StoredTensor? {
    if let tensor = untied(name, prefix: prefix) { return tensor }
    guard let tying = try? HeadTying(config) else { return nil }
    if name == tying.table { return self[TensorName(tying.head)] }
    return name == tying.head ? untied(tying.table, prefix: prefix) : nil
  }

  private func untied(_ name: String, prefix: String) -> StoredTensor? {
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    for name in [name, bare] {
      if let tensor = self[TensorName(name)] { return tensor }
      for (new, old) in [(".weight", ".gamma"), (".bias", ".beta")] where name.hasSuffix(new) {
        if let tensor = self[TensorName(name.dropLast(new.count) + old)] { return tensor }
      }
    }
    return nil
  }
}

extension ModelFolder {
  /// Whether the files hold the head of a class that says what a sequence is.
  ///
  /// - Throws: `JSONError` for `architectures` of the wrong kind.
  package var hasClassifierHead: Bool {
    get throws {
      let names = try config.optionalStrings("architectures") ?? []
      guard names.isEmpty || names.contains(where: { $0.hasSuffix("ForSequenceClassification") })
      else { return false }
      return self.names.contains { ModelHead.isMapToClasses($0.text) }
    }
  }
}

/// The names of a table of tokens and of the head that a configuration ties to it.
package struct HeadTying {
  /// The name of the table in the class for the task.
  package let table: String
  /// The name of the head.
  package let head = "lm_head.weight"
  let prefix: String

  /// The two names; nil where the configuration ties nothing.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind.
  package init?(_ config: some JSONFields) throws {
    let type = try config.string("model_type")
    let isLlama = LlamaConfiguration.Family(rawValue: type) != nil
    guard isLlama || type == "gpt2",
      try config.bool("tie_word_embeddings", default: !isLlama)
    else { return nil }
    prefix = try Architectures.prefix(config)
    table = prefix + (isLlama ? "embed_tokens" : "wte") + ".weight"
  }
}

extension StoredTensor {
  /// Whether another tensor has the same shape and the same numbers, however either is stored.
  func holdsNumbers(of other: StoredTensor) throws -> Bool {
    guard shape == other.shape else { return false }
    if type == other.type {
      let isCopy = try withBytes { mine in
        try other.withBytes { other in
          guard let mine = mine.baseAddress, let start = other.baseAddress else { return true }
          return memcmp(mine, start, other.count) == 0
        }
      }
      if isCopy { return true }
    }
    return try floats() == other.floats()
  }
}
