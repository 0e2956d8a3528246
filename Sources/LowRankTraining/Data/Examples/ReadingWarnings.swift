import LowRankKeys

/// What a run would do with the rows of a file, but hardly anybody wants.
enum ReadingWarnings {
  /// Rows that lose tokens; nil if there are none.
  static func truncation(_ truncated: Int, of rows: Int, at length: Int) -> String? {
    guard truncated > 0 else { return nil }
    let share = percentText(Double(truncated) / Double(max(1, rows)))
    return """
      \(truncated) of \(rows) rows (\(share)) \(truncated == 1 ? "has" : "have") more than \(length) tokens and \
      \(truncated == 1 ? "is" : "are") truncated; \(setting: "max_seq_length") is the number of tokens that are kept
      """
  }

  /// Prompts that run into their completions; nil if none does.
  static func seam(_ glued: Int, of rows: Int, first: String?) -> String? {
    guard glued > 0, let first else { return nil }
    return """
      in \(glued) of \(rows) rows the completion follows the prompt without a space, as "\(first)"; \(setting: "separator") ' ' puts one \
      between them
      """
  }

  /// A template of prompts that an adapter was trained with, and that a file has no columns for.
  static func passedOver(_ template: PromptTemplate, lacking columns: [String]) -> String {
    let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    return """
      training made prompts by "\(template.text)", but there is no \(names) here: the rows are read by their own names; \
      \(setting: "prompt_template") gives another template
      """.replacing("\n", with: "\\n")
  }
}
