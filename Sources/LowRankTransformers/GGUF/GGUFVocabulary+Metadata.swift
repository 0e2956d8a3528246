import Foundation
import LowRankCheckpoints
import LowRankTokenizers

extension GGUFVocabulary {
  /// The vocabulary in a file's metadata.
  ///
  /// - Throws: `GGUFError` if there is none, or a value is of the wrong kind.
  package init(_ metadata: GGUFFile) throws(GGUFError) {
    let keys = VocabularyKeys(metadata)
    guard let model = try keys.text("model") else {
      throw GGUFError(
        keys.path, "\"tokenizer.ggml.model\" is missing, so the file has no tokenizer")
    }
    guard let tokens = try keys.list("tokens", of: "texts", \.string), !tokens.isEmpty else {
      throw GGUFError(keys.path, "\"tokenizer.ggml.tokens\" is missing or empty")
    }
    self.init(file: keys.path, model: model, tokens: tokens)
    name = metadata["general.name"]?.string
    pre = try keys.text("pre")
    scores = try keys.list("scores", of: "numbers") { $0.double.map { Float($0) } } ?? []
    types =
      try keys.list("token_type", of: "whole numbers") { $0.integer.flatMap { Int32(exactly: $0) } }
      ?? []
    merges = try keys.list("merges", of: "texts", \.string) ?? []
    begin = try keys.token("bos_token_id")
    end = try keys.token("eos_token_id")
    unknown = try keys.token("unknown_token_id")
    padding = try keys.token("padding_token_id")
    // The format spells it so.
    separator = try keys.token("seperator_token_id")
    mask = try keys.token("mask_token_id")
    endOfTurn = try keys.token("eot_token_id")
    addsBegin = try keys.flag("add_bos_token")
    addsEnd = try keys.flag("add_eos_token")
    addsSpacePrefix = try keys.flag("add_space_prefix")
    removesExtraWhitespaces = try keys.flag("remove_extra_whitespaces")
  }
}

/// The values under `tokenizer.ggml`, each of its kind.
private struct VocabularyKeys {
  let metadata: GGUFFile
  var path: String { metadata.url.relativePath }

  init(_ metadata: GGUFFile) { self.metadata = metadata }

  private func value<Value>(
    _ name: String, _ expected: String, _ read: (GGUFValue) -> Value?
  ) throws(GGUFError) -> Value? {
    let key = "tokenizer.ggml.\(name)"
    guard let found = metadata[key] else { return nil }
    guard let value = read(found) else {
      throw GGUFError(path, "\"\(key)\" must be \(expected)")
    }
    return value
  }

  func text(_ name: String) throws(GGUFError) -> String? { try value(name, "a text", \.string) }

  func flag(_ name: String) throws(GGUFError) -> Bool? {
    try value(name, "true or false") { if case .bool(let flag) = $0 { flag } else { nil } }
  }

  /// The id of a token; −1, which older files have for none, is none.
  func token(_ name: String) throws(GGUFError) -> Int32? {
    let id = try value(name, "the id of a token") { value in
      value.integer.flatMap { Int32(exactly: $0) ?? ($0 == Int(UInt32.max) ? -1 : nil) }
    }
    return id.flatMap { $0 < 0 ? nil : $0 }
  }

  func list<Element>(
    _ name: String, of elements: String, _ read: (GGUFValue) -> Element?
  ) throws(GGUFError) -> [Element]? {
    try value(name, "a list of \(elements)") { value in
      guard case .array(let list) = value else { return nil }
      let elements = list.compactMap(read)
      return elements.count == list.count ? elements : nil
    }
  }
}
