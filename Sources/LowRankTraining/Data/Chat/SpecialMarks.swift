import LowRankTemplates

/// The marks around turns that a chat template means to be single tokens, such as `<|im_start|>`.
public struct SpecialMarks: Hashable, Sendable {
  /// The marks, each once.
  public let texts: [String]

  /// Finds the marks of a template.
  ///
  /// A named template lists its own. For any other, they are found in a conversation that it renders: texts of the form
  /// `<|name|>`, and `<start_of_turn>` and `<end_of_turn>`.
  public init(of renderer: any ChatRenderer) {
    if let named = NamedTemplate(source: renderer.source) {
      texts = named.specialTokens
      return
    }
    let probe = Conversation([
      Conversation.message("user", "a"), Conversation.message("assistant", "b"),
    ])
    let text = (try? renderer.render(probe, turns: 2, addingGenerationPrompt: false).text) ?? ""
    var found: [String] = []
    for match in text.matches(of: /<\|[^|<>\s]{1,64}\|>|<(?:start|end)_of_turn>/) {
      let mark = String(match.output)
      if !found.contains(mark) { found.append(mark) }
    }
    texts = found
  }

  /// The marks that are several tokens, each with their number.
  ///
  /// - Throws: what the tokenizer throws.
  public func split(by encoder: any TextEncoder) throws -> [(text: String, tokens: Int)] {
    try texts.compactMap { text in
      let count = try encoder.encodeRendered(text).ids.count
      return count > 1 ? (text, count) : nil
    }
  }
}
