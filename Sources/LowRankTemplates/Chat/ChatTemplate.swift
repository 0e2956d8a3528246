public import Foundation

/// The chat template of a model folder, with the special tokens that it is given.
public struct ChatTemplate: Sendable {
  /// The text of the template used without tools.
  public let source: String
  /// `bos_token`, `eos_token` and the others that the tokenizer names.
  public let specialTokens: TemplateDictionary

  private let template: Template
  /// The template that is used where tools are given, when it is another.
  private let toolTemplate: Template?

  /// Takes a template's text and the tokens that it may name.
  public init(
    _ source: String, specialTokens: TemplateDictionary = [:], limits: TemplateLimits = .standard
  ) throws(TemplateError) {
    self.source = source
    self.specialTokens = specialTokens
    template = try Template(source, limits: limits)
    toolTemplate = nil
  }

  /// Reads `chat_template.jinja` and `additional_chat_templates/`, else the `chat_template` of
  /// `tokenizer_config.json`; nil where the folder has none of them.
  ///
  /// Of several templates the one named `default` is used, and `tool_use` where tools are given.
  /// Throws `TemplateError` that names the file.
  public init?(
    inModelFolder folder: URL, limits: TemplateLimits = .standard
  ) throws(TemplateError) {
    try self.init(ChatTemplateFiles(folder: folder), in: folder.path, limits)
  }

  /// Reads the `chat_template` of a `tokenizer_config.json`; nil if there is none.
  ///
  /// - Parameter file: where it is from, for errors.
  /// Throws `TemplateError` that names the file.
  public init?(
    tokenizerConfig data: Data, of file: String, limits: TemplateLimits = .standard
  ) throws(TemplateError) {
    try self.init(ChatTemplateFiles(tokenizerConfig: data, of: file), in: file, limits)
  }

  private init?(
    _ files: ChatTemplateFiles, in place: String, _ limits: TemplateLimits
  ) throws(TemplateError) {
    if files.templates.isEmpty { return nil }
    guard case .string(let source) = files.templates["default"] else {
      let names = files.templates.entries.map(\.key).joined(separator: ", ")
      throw TemplateError(
        .file,
        "\(place) has several chat templates (\(names)), and none is named \"default\"")
    }
    self.source = source
    specialTokens = files.specialTokens
    template = try Template(source, limits: limits)
    if case .string(let source) = files.templates["tool_use"] {
      toolTemplate = try Template(source, limits: limits)
    } else {
      toolTemplate = nil
    }
  }

  /// Writes a conversation as the model reads it.
  ///
  /// The template sees what transformers would give it: `messages` without the keys that are
  /// null, a message's reasoning under all its names, `tools` and `documents` (none where not
  /// given), `add_generation_prompt`, the special tokens, and `extra` over all of these.
  /// Throws `TemplateError`, of the kind `raised` where the template itself refuses.
  public func render(
    _ messages: [TemplateValue], tools: [TemplateValue]? = nil,
    addGenerationPrompt: Bool = false, extra: TemplateDictionary = [:],
    clock: TemplateClock = .system
  ) throws(TemplateError) -> RenderedText {
    var variables = specialTokens
    variables["messages"] = .list(messages.map(Self.prepared))
    variables["tools"] = tools.map(TemplateValue.list) ?? TemplateValue.none
    variables["documents"] = TemplateValue.none
    variables["add_generation_prompt"] = .bool(addGenerationPrompt)
    let template = tools == nil ? template : toolTemplate ?? template
    return try template.renderMarking(variables.merging(extra), clock: clock)
  }

  /// A message as a template expects it.
  private static func prepared(_ message: TemplateValue) -> TemplateValue {
    guard case .dictionary(let given) = message else { return message }
    var fields = TemplateDictionary()
    for entry in given.entries where entry.value != .none { fields[entry.key] = entry.value }
    let names = ["reasoning_content", "thinking", "reasoning"]
    guard let reasoning = names.lazy.compactMap({ fields[$0] }).first else {
      return .dictionary(fields)
    }
    var aliased: TemplateDictionary = ["thinking": reasoning]
    aliased = aliased.merging(fields)
    aliased["reasoning_content"] = reasoning
    return .dictionary(aliased)
  }
}
