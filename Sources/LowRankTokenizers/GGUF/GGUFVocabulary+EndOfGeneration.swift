extension GGUFVocabulary {
  /// The tokens that end a generated text: the end token, the one that ends a turn, and those whose texts say so.
  ///
  /// Many files, such as Gemma 3's, name only the end token, and llama.cpp finds the others by their texts. A normal
  /// token of such a text is none of them.
  public var endOfGeneration: Set<Int32> {
    var ends = Set([end, endOfTurn].compactMap { $0 }.filter { tokens.indices.contains(Int($0)) })
    for id in tokens.indices where type(of: id) == .control || type(of: id) == .userDefined {
      if Self.endTexts.contains(where: { $0.utf8.elementsEqual(tokens[id].utf8) }) {
        ends.insert(Int32(id))
      }
    }
    return ends
  }

  /// The texts by which llama.cpp knows such tokens, of the families that are implemented.
  ///
  /// `</s>` is left out: an end token is named by its key, and Gemma has a token of HTML with this text.
  private static let endTexts = [
    "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|im_end|>", "<|endoftext|>", "<|end|>",
    "<end_of_turn>",
  ]
}
