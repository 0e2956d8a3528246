import ArgumentParser
import Foundation
import LowRank

/// The flag that says how conversations become texts.
struct TemplateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A chat template, as chat_template.jinja. (default: the one beside the adapter, else the model's)",
      valueName: "file"), completion: .template)
  var chatTemplate: String?

  /// How conversations become texts; nil where there is no template.
  ///
  /// - Parameters:
  ///   - folder: the model's.
  ///   - adapter: the adapter's, whose template is preferred to the model's.
  /// - Throws: `FileError` where a file cannot be read.
  func chat(
    in folder: URL, adapter: String?, _ tokenizer: Tokenizer, _ end: EndOfSequence,
    learns: TrainedTurns = .assistant
  ) throws -> ChatEncoding? {
    let renderer =
      if let chatTemplate {
        try TemplateRenderer(inModelFolder: folder, template: URL(filePath: chatTemplate))
      } else {
        try adapter.flatMap { try Self.renderer(beside: Located.adapter($0), folder) }
          ?? TemplateRenderer(inModelFolder: folder)
      }
    return renderer.map {
      ChatEncoding($0, learns: learns, ends: TurnEnds(tokenizer, stops: end.stops))
    }
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
      Console.write("note: the chat template is the one beside \(adapter.relativePath)")
    }
    return found
  }
}
