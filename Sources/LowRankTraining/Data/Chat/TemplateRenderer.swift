import Foundation
import LowRankCheckpoints
import LowRankTemplates
import LowRankTransformers

/// The chat template of a model, or one that is to be used with it.
public struct TemplateRenderer: ChatRenderer {
  public let source: String
  private let template: Result<ChatTemplate, TemplateError>
  private let marksGenerated: Bool

  /// Looks for a template; nil where there is none.
  ///
  /// One that cannot be read refuses every conversation, and no other row.
  /// - Parameters:
  ///   - folder: the model's folder or GGUF file, which names its special tokens.
  ///   - file: a template that is used instead of the model's own.
  /// - Throws: `FileError` where the file cannot be read.
  public init?(inModelFolder folder: URL, template file: URL? = nil) throws(FileError) {
    if let file {
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw FileError("read", file.relativePath, reason: "it is not a readable UTF-8 file")
      }
      source = text
      template = Result { () throws(TemplateError) in try Self.template(text, folder) }
    } else {
      do throws(TemplateError) {
        guard let found = try Self.template(of: folder) else { return nil }
        source = found.source
        template = .success(found)
      } catch {
        source = ""
        template = .failure(error)
      }
    }
    marksGenerated = Self.marks(source)
  }

  /// A template that is known by its name.
  ///
  /// - Parameter folder: the model's folder or GGUF file, which names its special tokens.
  public init(_ named: NamedTemplate, inModelFolder folder: URL) {
    source = named.source
    template = Result { [source] () throws(TemplateError) in
      try Self.template(source, folder)
    }
    marksGenerated = Self.marks(source)
  }

  /// The template of a model, in a folder or a GGUF file.
  private static func template(of model: URL) throws(TemplateError) -> ChatTemplate? {
    guard let config = try ggufConfig(of: model) else {
      return try ChatTemplate(inModelFolder: model)
    }
    return try ChatTemplate(tokenizerConfig: config, of: model.relativePath)
  }

  /// A template with the special tokens of a model, in a folder or a GGUF file.
  private static func template(
    _ source: String, _ model: URL
  ) throws(TemplateError) -> ChatTemplate {
    guard let config = try ggufConfig(of: model) else {
      return try ChatTemplate(source, tokensOf: model)
    }
    return try ChatTemplate(source, tokenizerConfig: config, of: model.relativePath)
  }

  /// What a GGUF file says as `tokenizer_config.json`; nil for a folder.
  private static func ggufConfig(of model: URL) throws(TemplateError) -> Data? {
    do {
      let texts = try ModelTexts(at: model)
      guard texts.folder == nil, let config = try texts.json("tokenizer_config.json") else {
        return nil
      }
      return Data(JSONValue.object(config.object).bytes())
    } catch { throw TemplateError(.file, "\(error)") }
  }

  private static func marks(_ source: String) -> Bool {
    source.contains(/\{%[-+]?\s*generation\s*[-+]?%\}/)
  }

  public func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) throws -> RenderedConversation {
    let rendered = try template.get().render(
      conversation.messages[..<turns].map { TemplateValue(.object($0)) },
      tools: conversation.tools.isEmpty ? nil : conversation.tools.map { TemplateValue($0) },
      addGenerationPrompt: addingGenerationPrompt)
    return RenderedConversation(
      text: rendered.text, generated: marksGenerated ? rendered.generated : nil)
  }
}

extension TemplateValue {
  /// A JSON value as a template sees it.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .none
      case .bool(let bool): .bool(bool)
      case .number(let number):
        number.integer.map { .integer($0) } ?? .double(Double(number.text) ?? 0)
      case .string(let string): .string(string)
      case .array(let array): .list(array.map { TemplateValue($0) })
      case .object(let object):
        .dictionary(TemplateDictionary(object.entries.map { ($0.key, TemplateValue($0.value)) }))
      }
  }
}
