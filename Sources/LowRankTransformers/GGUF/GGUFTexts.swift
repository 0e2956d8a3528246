import Foundation
import LowRankCheckpoints
import LowRankTokenizers

/// What a GGUF file's metadata say, as the files that stand beside a model's weights.
struct GGUFTexts: Sendable {
  let url: URL
  private let metadata: GGUFFile

  /// Opens the file, or the first part of a model in several.
  ///
  /// - Throws: `FileError`, `GGUFError`.
  init(at url: URL) throws {
    self.url = url
    // The parts after the first hold no metadata but their place.
    let first = try GGUFModel(at: url).parts[0].url
    metadata = try GGUFFile(at: first)
  }

  /// The vocabulary.
  ///
  /// - Throws: `GGUFError`.
  var vocabulary: GGUFVocabulary {
    get throws(GGUFError) { try GGUFVocabulary(metadata) }
  }

  /// The kind of tokenizer, and in parentheses how it cuts texts into words.
  var tokenizerKind: String? {
    guard let model = metadata["tokenizer.ggml.model"]?.string else { return nil }
    let pre = model == "llama" ? nil : metadata["tokenizer.ggml.pre"]?.string
    return pre.map { "\(model) (\($0))" } ?? model
  }

  /// The chat templates by name, `default` first.
  ///
  /// - Throws: `GGUFError` if one is no text.
  var chatTemplates: [(name: String, text: String)] {
    get throws(GGUFError) {
      let key = "tokenizer.chat_template"
      var templates: [(name: String, text: String)] = []
      for (name, value) in metadata.metadata where name.hasPrefix(key) {
        let rest = name.text.dropFirst(key.count)
        guard rest.isEmpty || rest.hasPrefix("."), rest != "." else { continue }
        guard let text = value.string else {
          throw GGUFError(url.relativePath, "\"\(name)\" must be a text")
        }
        let isDefault = rest.isEmpty
        templates.insert(
          (isDefault ? "default" : String(rest.dropFirst()), text),
          at: isDefault ? 0 : templates.count)
      }
      return templates
    }
  }

  /// `tokenizer_config.json`, with the chat templates.
  ///
  /// - Throws: `GGUFError`, `JSONError`.
  func tokenizerConfig() throws -> JSONFile {
    let templates = try chatTemplates
    let single = templates.count == 1 && templates[0].name == "default" ? templates[0].text : nil
    let bytes = try vocabulary.tokenizerConfig(chatTemplate: single)
    let value = try bytes.withUnsafeBytes { try JSONValue(parsing: $0, from: url.relativePath) }
    var object = value.object ?? [:]
    if single == nil, !templates.isEmpty {
      object["chat_template"] = .array(
        templates.map { ["name": .string($0.name), "template": .string($0.text)] })
    }
    return JSONFile(object, at: url)
  }

  /// `generation_config.json`: the tokens at which generation stops, those that end a text first.
  ///
  /// - Throws: `GGUFError`.
  func generationConfig() throws -> JSONFile {
    let vocabulary = try vocabulary
    var ends = vocabulary.endOfGeneration
    for key in ["eot", "eom"] {
      if let id = metadata["tokenizer.ggml.\(key)_token_id"]?.integer.flatMap({ Int32(exactly: $0) }
      ),
        vocabulary.tokens.indices.contains(Int(id))
      {
        ends.insert(id)
      }
    }
    let first = vocabulary.end.map { ends.contains($0) ? [$0] : [] } ?? []
    let ids = first + ends.subtracting(first).sorted()
    var object: JSONObject = [:]
    if let begin = vocabulary.begin { object["bos_token_id"] = .integer(Int(begin)) }
    if let only = ids.first, ids.count == 1 {
      object["eos_token_id"] = .integer(Int(only))
    } else if !ids.isEmpty {
      object["eos_token_id"] = .array(ids.map { .integer(Int($0)) })
    }
    if let padding = vocabulary.padding { object["pad_token_id"] = .integer(Int(padding)) }
    return JSONFile(object, at: url)
  }

  /// The names of the files that the metadata stand for.
  var names: [String] {
    let hasTemplate = (try? chatTemplates.contains { $0.name == "default" }) ?? false
    return ["tokenizer.json", "tokenizer_config.json", "generation_config.json"]
      + (hasTemplate ? ["chat_template.jinja"] : [])
  }

  /// The content of one of them; nil for any other.
  ///
  /// - Throws: `GGUFError`, `TokenizerError`, `JSONError`.
  func bytes(_ name: String) throws -> [UInt8]? {
    switch name {
    case "config.json": JSONValue.object(try GGUFModel(at: url).config().object).bytes()
    case "tokenizer.json": try vocabulary.tokenizerJSON()
    case "tokenizer_config.json": JSONValue.object(try tokenizerConfig().object).bytes()
    case "generation_config.json": JSONValue.object(try generationConfig().object).bytes()
    case "chat_template.jinja":
      try chatTemplates.first { $0.name == "default" }.map { Array($0.text.utf8) }
    default: nil
    }
  }
}
