/// What the rows of a file hold for a model that continues texts, told by the names in its first row.
public enum RowFormat: String, Hashable, Sendable, CaseIterable {
  /// A text, under `text` or a column that is given.
  case text
  /// `prompt` and `completion`, both texts or both lists of messages; also columns that are given, a template of
  /// prompts with a completion, or a known pair of names such as `question` and `answer`.
  case completion = "prompt_completion"
  /// `messages`, each with a role and a content.
  case messages
  /// ShareGPT's `conversations`, whose messages have `from` and `value`.
  case shareGPT = "sharegpt"
  /// Alpaca's `instruction`, `input` and `output`, or Dolly's `instruction`, `context` and `response`.
  case alpaca
}
