/// What a row gives a causal language model to learn.
public enum TextRow: Sendable {
  /// A text, all of which is learnt.
  case text(String)
  /// A prompt that is given, and what is learnt to follow it.
  case completion(prompt: String, completion: String)

  /// Whether nothing is written there.
  var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .completion(let prompt, let completion): prompt.isEmpty && completion.isEmpty
    }
  }
}
