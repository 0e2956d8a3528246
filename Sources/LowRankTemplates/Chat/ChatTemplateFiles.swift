import Foundation

/// What a model folder's files say about chat: the templates by name, and the special tokens.
struct ChatTemplateFiles {
  var templates = TemplateDictionary()
  var specialTokens = TemplateDictionary()

  /// Template files win over `tokenizer_config.json` as a whole.
  init(folder: URL) throws(TemplateError) {
    let configuration = try Self.dictionary(folder.appendingPathComponent("tokenizer_config.json"))
    specialTokens = Self.specialTokens(configuration)
    // Only folders without the later key leave the tokens to the older file.
    if configuration["added_tokens_decoder"] == nil {
      let older = try Self.dictionary(folder.appendingPathComponent("special_tokens_map.json"))
      specialTokens = specialTokens.merging(Self.specialTokens(older))
    }
    if let text = try Self.text(folder.appendingPathComponent("chat_template.jinja")) {
      templates["default"] = .string(text)
    }
    let others = folder.appendingPathComponent("additional_chat_templates")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: others.path)) ?? []
    for name in names.sorted() where name.hasSuffix(".jinja") {
      if let text = try Self.text(others.appendingPathComponent(name)) {
        templates[String(name.dropLast(".jinja".count))] = .string(text)
      }
    }
    if templates.isEmpty, let found = configuration["chat_template"] {
      templates = try Self.templates(
        found, file: folder.appendingPathComponent("tokenizer_config.json").path)
    }
  }

  /// The content of a `tokenizer_config.json` alone.
  ///
  /// - Parameter file: where it is from, for errors.
  init(tokenizerConfig data: Data, of file: String) throws(TemplateError) {
    let configuration = try Self.dictionary(data, of: file)
    specialTokens = Self.specialTokens(configuration)
    if let found = configuration["chat_template"] {
      templates = try Self.templates(found, file: file)
    }
  }

  private static func templates(
    _ value: TemplateValue, file: String
  ) throws(TemplateError) -> TemplateDictionary {
    switch value {
    case .none: return [:]
    case .string: return ["default": value]
    case .dictionary(let named): return named
    case .list(let list):
      var templates = TemplateDictionary()
      for case .dictionary(let entry) in list {
        guard case .string(let name) = entry["name"], case .string = entry["template"] else {
          break
        }
        templates[name] = entry["template"]
      }
      if templates.count == list.count { return templates }
    default: break
    }
    throw TemplateError(
      .file,
      "\(file): chat_template should be a string, or a list of objects with a name and a template")
  }

  /// A special token is a string, or an object with its `content`, under a key that says so.
  private static func specialTokens(_ source: TemplateDictionary) -> TemplateDictionary {
    var found = TemplateDictionary()
    var named = source.entries.filter { $0.key.hasSuffix("_token") }
    if case .dictionary(let more) = source["extra_special_tokens"] { named += more.entries }
    for entry in named {
      switch entry.value {
      case .string: found[entry.key] = entry.value
      case .dictionary(let token):
        if case .string = token["content"] { found[entry.key] = token["content"] }
      default: break
      }
    }
    return found
  }

  private static func data(_ file: URL) throws(TemplateError) -> Data? {
    var status = stat()
    guard lstat(file.path, &status) == 0 else { return nil }
    let reason: String
    if stat(file.path, &status) != 0 {
      reason =
        errno == ENOENT
        ? "it is a link to something that does not exist" : String(cString: strerror(errno))
    } else if status.st_mode & S_IFMT == S_IFDIR {
      reason = "it is a folder"
    } else if let data = try? Data(contentsOf: file) {
      return data
    } else {
      reason = access(file.path, R_OK) == 0 ? "it is damaged" : String(cString: strerror(errno))
    }
    throw TemplateError(.file, "\(file.path) cannot be read: \(reason)")
  }

  private static func text(_ file: URL) throws(TemplateError) -> String? {
    guard let data = try data(file) else { return nil }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw TemplateError(.file, "\(file.path) is not UTF-8, as a chat template should be")
    }
    return text
  }

  private static func dictionary(_ file: URL) throws(TemplateError) -> TemplateDictionary {
    guard let data = try data(file) else { return [:] }
    return try dictionary(data, of: file.path)
  }

  private static func dictionary(
    _ data: Data, of file: String
  ) throws(TemplateError) -> TemplateDictionary {
    do throws(TemplateError) {
      if case .dictionary(let values) = try TemplateValue(json: data) { return values }
    } catch {
      throw TemplateError(.file, "\(file): \(error.message)")
    }
    throw TemplateError(.file, "\(file) should hold a JSON object")
  }
}
