import Foundation
import LowRankCheckpoints
import LowRankKeys
import LowRankTokenizers
import LowRankTransformers

extension MergedGGUF {
  /// What the metadata say of a merge, so that the adapter is not put on the result once more.
  static let mergeKey = "lowrank.merge"
  private static let templateKey = "tokenizer.chat_template"
  private static let endKey = "tokenizer.ggml.eot_token_id"

  /// The metadata of the file, with the types of the tensors that are written, and what the adapter brings of its own.
  ///
  /// - Parameters:
  ///   - base: the fingerprint of the base.
  ///   - template: the adapter's chat template; nil to keep that of the file.
  ///   - end: the token that ends its turns; nil where generation stops there anyway.
  func entries(base: Fingerprint?, template: String?, end: Int32?) -> [GGUFEntry] {
    // The result is one file, whatever the base was.
    var entries = model.parts[0].entries.filter { !$0.key.hasPrefix("split.") }
    entries.set("general.file_type", encoding.fileType)
    entries.set("general.quantization_version", GGUFEncoding.version)
    if let template, template != model.parts[0][Self.templateKey]?.string {
      entries.set(Self.templateKey, .string(template))
    }
    if let end { entries.set(Self.endKey, .unsigned(UInt64(end))) }
    let facts = JSONValue.object([
      "version": .string(AdapterFacts.version),
      "base_fingerprint": base.map { .string($0.description) } ?? .null,
    ])
    entries.set(Self.mergeKey, .string(String(decoding: facts.bytes(), as: UTF8.self)))
    return entries
  }

  /// Refuses tokens that the vocabulary, which is copied, does not have.
  ///
  /// - Throws: `AdapterError.cannotExpress`, and what reading a tokenizer throws.
  func checkTokens(of base: Model) throws {
    guard base.tokenizerFolder != nil || base.architecture.vocabularySize > rows else { return }
    let tokenizer = try base.tokenizer
    let own = try Tokenizer(model: model.url)
    let added = tokenizer.addedTokens.filter { own.id(of: $0.content) != $0.id }.map(\.content)
    let beyond = base.architecture.vocabularySize - rows
    guard !added.isEmpty || beyond > 0 else { return }
    let names = added.prefix(5).map { "\"\($0)\"" } + (added.count > 5 ? ["…"] : [])
    let what = added.isEmpty ? "\(beyond) rows" : "the tokens " + names.joined(separator: ", ")
    throw AdapterError.cannotExpress(
      form: "the vocabulary of \(model.url.relativePath), which \(setting: "gguf") copies,",
      what: what + " that the adapter adds; leave out \(setting: "gguf") to write a folder")
  }

  /// The rows of the table of embeddings in the file.
  private var rows: Int { model.tableRows }
}

extension ModelFolder {
  /// Whether `merge` wrote the model, as the file beside its weights, or its metadata, say.
  var isMerged: Bool {
    get throws {
      guard isGGUF else { return try json(AdapterFacts.fileName)?["merge"] != nil }
      return try GGUFModel(at: url).parts[0][MergedGGUF.mergeKey] != nil
    }
  }
}
