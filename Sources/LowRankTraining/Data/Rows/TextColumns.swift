import LowRankCheckpoints

/// The columns of a file that hold the text of a row, or its prompt and completion.
///
/// What is not given is found by the names in the first row; see ``RowFormat``.
public struct TextColumns: Hashable, Sendable {
  /// The column of the text.
  public var text: String?
  /// The column of the prompt.
  public var prompt: String?
  /// The column of the completion.
  public var completion: String?
  /// Whether a file without these columns is read by its own names, as one is that an adapter was not trained on.
  public var isPreference = false

  /// The given columns: one of a text, or a prompt and a completion of which one may have its usual name.
  public init(text: String? = nil, prompt: String? = nil, completion: String? = nil) {
    self.text = text
    self.prompt = prompt
    self.completion = completion
  }

  /// Whether no column is given.
  public var isEmpty: Bool { text == nil && prompt == nil && completion == nil }

  /// The columns that are read, in order, where some are given.
  var all: [String] {
    if let text { return [text] }
    return isEmpty ? [] : [prompt ?? "prompt", completion ?? "completion"]
  }

  /// Reads what ``json`` wrote, as the columns that are preferred.
  public init(kept json: JSONObject) {
    self.init(
      text: json["text_column"]?.string, prompt: json["prompt_column"]?.string,
      completion: json["completion_column"]?.string)
    isPreference = true
  }

  /// The columns as they are kept beside an adapter; nil where none is given.
  public var json: JSONObject? {
    guard !isEmpty else { return nil }
    var json = JSONObject()
    json["text_column"] = text.map { .string($0) }
    json["prompt_column"] = prompt.map { .string($0) }
    json["completion_column"] = completion.map { .string($0) }
    return json
  }
}
