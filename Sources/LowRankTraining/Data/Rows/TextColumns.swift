import LowRankCheckpoints

/// The columns of a file that hold the text of a row, or its prompt and completion.
///
/// Columns that are not given are determined by the names in the first row; see ``RowFormat``.
public struct TextColumns: Hashable, Sendable {
  /// The column of the text.
  public var text: String?
  /// The column of the prompt.
  public var prompt: String?
  /// The column of the completion.
  public var completion: String?
  /// What makes the prompt out of several columns, instead of a column of prompts.
  public var template: PromptTemplate?
  /// The other column of a pair of which one is given, as an adapter was trained; it is read if the file has it.
  public internal(set) var keptPartner: String?
  /// Whether a file without these columns is read by its own names instead, such as one that an adapter was not
  /// trained on.
  public var isPreference = false

  /// Creates the columns of a text, or of a prompt and a completion, either of which defaults to its usual name.
  public init(
    text: String? = nil, prompt: String? = nil, completion: String? = nil,
    template: PromptTemplate? = nil
  ) {
    self.text = text
    self.prompt = prompt
    self.completion = completion
    self.template = template
  }

  /// Whether no column is given.
  public var isEmpty: Bool {
    text == nil && prompt == nil && completion == nil && template == nil
  }

  /// The columns to read, in order, if any is given.
  var all: [String] {
    if let text { return [text] }
    if let template { return template.columns + (completion.map { [$0] } ?? []) }
    return isEmpty ? [] : [prompt ?? "prompt", completion ?? "completion"]
  }

  /// The columns with what an adapter was trained on where they leave something open.
  public func completed(by kept: TextColumns) -> TextColumns {
    guard !isEmpty else { return kept }
    var columns = self
    if text == nil, template == nil, prompt == nil, let trained = kept.template,
      completion.map({ !trained.columns.contains($0) }) == true
    {
      columns.template = trained
    } else if text == nil, completion == nil {
      columns.keptPartner = kept.completion
    } else if text == nil, template == nil, prompt == nil {
      columns.keptPartner = kept.prompt
    }
    return columns
  }

  /// Reads the value of ``json``, as columns that are preferred but not required.
  public init(kept json: JSONObject) {
    self.init(
      text: json["text_column"]?.string, prompt: json["prompt_column"]?.string,
      completion: json["completion_column"]?.string,
      template: json["prompt_template"]?.string.flatMap { try? PromptTemplate($0) })
    isPreference = true
  }

  /// The columns in the form that an adapter stores; nil if none is given.
  public var json: JSONObject? {
    guard !isEmpty else { return nil }
    var json = JSONObject()
    json["text_column"] = text.map { .string($0) }
    json["prompt_column"] = prompt.map { .string($0) }
    json["completion_column"] = completion.map { .string($0) }
    json["prompt_template"] = template.map { .string($0.text) }
    return json
  }
}
