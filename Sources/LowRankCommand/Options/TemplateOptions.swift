import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// The flag that says how conversations become texts.
struct TemplateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The chat template: \(Self.names), or a file such as chat_template.jinja; a name is never taken for a file. (default: the one beside the adapter, else the model's)",
      valueName: "name|file"), completion: .template)
  var chatTemplate: String?

  private static let names = NamedTemplate.allCases.map(\.rawValue).joined(separator: ", ")

  /// What the flag says.
  var settings: TemplateSettings { TemplateSettings(chatTemplate) }
}
