import Foundation
import LowRankCheckpoints
import LowRankTemplates

/// The chat template of a model, or one that is to be used with it.
public struct TemplateRenderer: ChatRenderer {
  public let source: String
  private let template: Result<ChatTemplate, TemplateError>
  private let marksGenerated: Bool

  /// Looks for a template; nil where there is none.
  ///
  /// One that cannot be read refuses every conversation, and no other row.
  /// - Parameters:
  ///   - folder: the model's, which names its special tokens.
  ///   - file: a template that is used instead of the model's own.
  /// - Throws: `FileError` where the file cannot be read.
  public init?(inModelFolder folder: URL, template file: URL? = nil) throws(FileError) {
    if let file {
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw FileError("read", file.relativePath, reason: "it is not a readable UTF-8 file")
      }
      source = text
      template = Result { () throws(TemplateError) in try ChatTemplate(text, tokensOf: folder) }
    } else {
      do throws(TemplateError) {
        guard let found = try ChatTemplate(inModelFolder: folder) else { return nil }
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
  /// - Parameter folder: the model's, which names its special tokens.
  public init(_ named: NamedTemplate, inModelFolder folder: URL) {
    source = named.source
    template = Result { [source] () throws(TemplateError) in
      try ChatTemplate(source, tokensOf: folder)
    }
    marksGenerated = Self.marks(source)
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
