import LowRankCheckpoints

/// What the rows of a file hold for a model that continues texts, told by the names in its first row.
public enum RowFormat: String, Hashable, Sendable, CaseIterable {
  /// A text, under `text` or a column that is given.
  case text
  /// `prompt` and `completion`, texts both or lists of messages both.
  case completion = "prompt_completion"
  /// `messages`, each with a role and a content.
  case messages
  /// ShareGPT's `conversations`, whose messages have `from` and `value`.
  case shareGPT = "sharegpt"
  /// Alpaca's `instruction`, `input` and `output`.
  case alpaca

  /// What the first row of a file holds.
  ///
  /// - Throws: `DataError` for a row of preferences.
  init(of row: DataRow, in table: DataTable) throws(DataError) {
    func has(_ name: String) -> Bool { row.fields[name] != nil }
    if has("chosen"), has("rejected") {
      throw DataError(
        table.place(of: row),
        """
        a preference row, "chosen" and "rejected", for which there is no objective; to learn the chosen answers \
        alone, write them as "messages", or as "prompt" and "completion"
        """)
    }
    self =
      if has("messages") {
        .messages
      } else if has("conversations") {
        .shareGPT
      } else if has("completion") || has("prompt") && !has("text") {
        .completion
      } else if has("instruction"), has("output") {
        .alpaca
      } else {
        .text
      }
  }
}
