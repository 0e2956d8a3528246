import Foundation
import LowRank

/// What is trained or evaluated on: the rows, where texts and labels stand in them, and how they become sequences.
public struct DataSettings: Hashable, Sendable {
  /// A folder, a file, or a dataset on the hub, `owner/name[@revision][:config]`.
  public var data: String?
  /// The columns of texts, by name or number; two for pairs of texts.
  public var textColumn: [String] = []
  /// The column of labels.
  public var labelColumn: String?
  /// The column of prompts.
  public var promptColumn: String?
  /// The column of completions.
  public var completionColumn: String?
  /// A prompt made of several columns, with their names in braces.
  public var promptTemplate: String?
  /// The text between prompt and completion.
  public var separator: String?
  /// The most tokens of a row.
  public var maxSequenceLength: Int?
  /// The turns of conversations that are trained: `assistant` or `last`.
  public var trainOn: String?
  /// The chat template.
  public var chatTemplate: TemplateSettings

  /// Rows of a place, by the names of their columns.
  public init(_ data: String? = nil, chatTemplate: TemplateSettings = TemplateSettings()) {
    (self.data, self.chatTemplate) = (data, chatTemplate)
  }
}
