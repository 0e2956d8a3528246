import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTransformers

/// A tokenizer with tokens added to it, as files that transformers reads.
public struct ExtendedTokenizer: Sendable {
  /// The tokens that were added, in order.
  public let added: [String]
  /// Their ids.
  public let ids: [Int]
  /// The number of tokens before.
  public let knownCount: Int
  /// The number of tokens, as `len(tokenizer)` of transformers.
  public let count: Int

  /// Writes the files of a model's tokenizer with special tokens added: `tokenizer.json`, `tokenizer_config.json` and
  /// `special_tokens_map.json`.
  ///
  /// New tokens get the ids behind those of the tokenizer, as `add_tokens` of transformers assigns them. Texts that are
  /// special tokens already are not added.
  /// - Parameters:
  ///   - model: the folder of the model with its tokenizer, or a GGUF file.
  ///   - folder: the folder to write to.
  /// - Throws: `DataError` if the model has no `tokenizer.json`, and what reading and writing throws.
  public init(adding tokens: [String], to model: URL, into folder: URL) throws {
    let texts = try ModelTexts(at: model)
    guard texts.folder == nil else {
      try self.init(adding: tokens, toFolder: model, into: folder)
      return
    }
    let files = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-tokenizer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: files) }
    try texts.write(["tokenizer.json", "tokenizer_config.json"], into: files)
    try self.init(adding: tokens, toFolder: files, into: folder)
  }

  private init(adding tokens: [String], toFolder model: URL, into folder: URL) throws {
    let name = "tokenizer.json"
    let source = model.appending(path: name)
    guard FileManager.default.fileExists(atPath: source.path) else {
      throw DataError(
        model.relativePath,
        """
        holds no tokenizer.json, which tokens are added to; write it in Python with \
        AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
        """)
    }
    let before = try Tokenizer(folder: model)
    let known = Set(before.addedTokens.map(\.content))
    var new: [String] = []
    for token in tokens where !known.contains(token) && !new.contains(token) { new.append(token) }
    let first = max(
      before.vocabularySize, (before.addedTokens.map { Int($0.id) + 1 }.max() ?? 0))
    var next = first
    let numbered = new.map { token in
      if let id = before.id(of: token) { return (token: token, id: Int(id)) }
      defer { next += 1 }
      return (token, next)
    }
    try Self.writeTokenizer(JSONFile(at: source).object, before, numbered)
      .write(to: folder.appending(path: name))
    try Self.writeSettings(of: model, numbered).write(
      to: folder.appending(path: "tokenizer_config.json"))
    let map = model.appending(path: "special_tokens_map.json")
    if FileManager.default.fileExists(atPath: map.path) {
      try FileManager.default.copyItem(
        at: map.resolvingSymlinksInPath(), to: folder.appending(path: map.lastPathComponent))
    }
    let after = try Tokenizer(folder: folder)
    for (token, id) in numbered where after.id(of: token) != Int32(id) {
      throw DataError(
        source.relativePath,
        "gives the added token \(token) the id \(after.id(of: token) ?? -1), expected \(id)")
    }
    added = new
    ids = numbered.map(\.id)
    knownCount = first
    count = next
  }

  /// `tokenizer.json` with the new tokens behind all that the tokenizer knows, those of other files among them.
  private static func writeTokenizer(
    _ object: JSONObject, _ before: Tokenizer, _ new: [(token: String, id: Int)]
  ) -> JSONValue {
    var object = object
    var list = object["added_tokens"]?.array ?? []
    let listed = Set(list.compactMap { $0.object?["content"]?.string.map { ExactText($0) } })
    for token in before.addedTokens.sorted(by: { $0.id < $1.id })
    where !listed.contains(ExactText(token.content)) {
      var entry = Self.entry(token.content, special: token.isSpecial)
      entry["single_word"] = .bool(token.isSingleWord)
      entry["lstrip"] = .bool(token.stripsLeft)
      entry["rstrip"] = .bool(token.stripsRight)
      entry["normalized"] = .bool(token.isNormalized)
      list.append(.object(Self.numbered(Int(token.id), entry)))
    }
    for (token, id) in new {
      list.append(.object(Self.numbered(id, Self.entry(token, special: true))))
    }
    object["added_tokens"] = .array(list)
    return .object(object)
  }

  /// `tokenizer_config.json` with the new tokens, if it lists tokens, and with the class that reads `tokenizer.json`, if it
  /// names none.
  private static func writeSettings(
    of model: URL, _ new: [(token: String, id: Int)]
  ) throws -> JSONValue {
    let file = model.appending(path: "tokenizer_config.json")
    var object =
      FileManager.default.fileExists(atPath: file.path) ? try JSONFile(at: file).object : [:]
    if var decoder = object["added_tokens_decoder"]?.object {
      for (token, id) in new { decoder[String(id)] = .object(entry(token, special: true)) }
      object["added_tokens_decoder"] = .object(decoder)
    }
    // Without config.json beside it, transformers has no other way to find the class.
    if object["tokenizer_class"] == nil { object["tokenizer_class"] = "PreTrainedTokenizerFast" }
    return .object(object)
  }

  private static func entry(_ content: String, special: Bool) -> JSONObject {
    [
      "content": .string(content), "single_word": false, "lstrip": false, "rstrip": false,
      "normalized": false, "special": .bool(special),
    ]
  }

  private static func numbered(_ id: Int, _ entry: JSONObject) -> JSONObject {
    JSONObject([("id", JSONValue.integer(id))] + entry.entries.map { ($0.key, $0.value) })
  }
}
