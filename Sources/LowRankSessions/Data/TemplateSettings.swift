import Foundation
import LowRank

/// How conversations become texts.
public struct TemplateSettings: Hashable, Sendable {
  /// The name of a chat template, or its file; nil for the one beside the adapter, else the model's.
  public var name: String?

  /// A template by its name or file.
  public init(_ name: String? = nil) { self.name = name }

  private static let names = NamedTemplate.allCases.map(\.rawValue).joined(separator: ", ")

  /// How conversations become texts; nil where there is no template.
  ///
  /// - Parameters:
  ///   - folder: the model's.
  ///   - adapter: the adapter's, whose template is preferred to the model's.
  /// - Throws: `FileError` where a file cannot be read.
  package func chat(
    in folder: URL, adapter: String?, _ tokenizer: Tokenizer, _ end: EndOfSequence,
    learns: TrainedTurns = .assistant
  ) throws -> ChatEncoding? {
    try renderer(in: folder, adapter: adapter).map {
      ChatEncoding($0, learns: learns, ends: TurnEnds(tokenizer, stops: end.stops))
    }
  }

  /// The template that is asked for, else the adapter's, else the model's; nil if there is none.
  ///
  /// - Throws: `SettingsError` for a name that is neither a template nor a file, `FileError` if a file cannot be read.
  package func renderer(in folder: URL, adapter: String?) throws -> TemplateRenderer? {
    guard let chatTemplate = name else {
      return try adapter.flatMap { try Self.renderer(beside: Located.adapter($0), folder) }
        ?? TemplateRenderer(inModelFolder: folder)
    }
    if let named = NamedTemplate(rawValue: chatTemplate) {
      if FileManager.default.fileExists(atPath: chatTemplate) {
        Remarks.note(
          "\(chatTemplate) is the named chat template; for the file here, write ./\(chatTemplate)"
        )
      }
      return TemplateRenderer(named, inModelFolder: folder)
    }
    if !chatTemplate.contains(where: { $0 == "/" || $0 == "." }),
      !FileManager.default.fileExists(atPath: chatTemplate)
    {
      let nearest = nearestName(to: chatTemplate, among: NamedTemplate.allCases.map(\.rawValue))
      throw SettingsError(
        "\(.chatTemplate) is \"\(chatTemplate)\", expected \(Self.names), or a file"
          + (nearest.map { "; did you mean \($0)?" } ?? "" as String))
    }
    return try TemplateRenderer(inModelFolder: folder, template: URL(filePath: chatTemplate))
  }

  /// Warns of marks that the tokenizer cuts into several tokens.
  ///
  /// - Parameter isTrained: whether a run is prepared, which could add them to the tokenizer.
  package static func warnOfSplitMarks(_ encoder: ExampleEncoder, isTrained: Bool) throws {
    guard let chat = encoder.chat,
      let warning = try splitMarks(of: chat.renderer, by: encoder.encoder, isTrained: isTrained)
    else { return }
    Remarks.warn(warning)
  }

  /// A sentence about marks that the tokenizer cuts into several tokens; nil if there are none.
  package static func splitMarks(
    of renderer: any ChatRenderer, by encoder: any TextEncoder, isTrained: Bool
  ) throws -> KeyedText? {
    let marks = try SpecialMarks(of: renderer).split(by: encoder)
    guard !marks.isEmpty else { return nil }
    let list = marks.map { "\($0.text) (\($0.tokens))" }.joined(separator: ", ")
    let advice: KeyedText =
      isTrained
      ? "\(.addTokens) makes each one token" : "train with \(.addTokens) to make each one token"
    return
      "marks of the chat template are several tokens for this tokenizer: \(list); \(advice)"
  }

  /// The template beside an adapter: ours, which the tokens of the model belong to, or one with a tokenizer of its own, as
  /// TRL writes it.
  private static func renderer(beside adapter: URL, _ model: URL) throws -> TemplateRenderer? {
    let settings = adapter.appending(path: "tokenizer_config.json")
    let found =
      if FileManager.default.fileExists(atPath: settings.path) {
        try TemplateRenderer(inModelFolder: adapter)
      } else {
        try AdapterFolder.template(in: adapter).flatMap {
          try TemplateRenderer(inModelFolder: model, template: $0)
        }
      }
    if found != nil {
      Remarks.note("the chat template is the one beside \(adapter.relativePath)")
    }
    return found
  }
}
