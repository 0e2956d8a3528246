import LowRankCheckpoints

/// What a row gives a causal language model to learn.
public enum TextRow: Hashable, Sendable {
  /// A text, all of which is trained.
  case text(String)
  /// A prompt that is given, and what is trained to follow it.
  case completion(prompt: String, completion: String)
  /// A conversation, in which the assistant's turns are trained.
  case conversation(Conversation)

  /// Whether nothing is written there.
  var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .completion(let prompt, let completion): prompt.isEmpty && completion.isEmpty
    case .conversation(let conversation): conversation.messages.isEmpty
    }
  }

  /// The same for rows that say the same, and different for others.
  var key: MurmurHash3 {
    let value: JSONValue =
      switch self {
      case .text(let text): .string(text)
      case .completion(let prompt, let completion): [.string(prompt), .string(completion)]
      case .conversation(let conversation):
        [
          .array(conversation.messages.map { .object($0) }), .array(conversation.tools),
          .integer(conversation.givenCount),
          .array(conversation.untrained.sorted().map { .integer($0) }),
        ]
      }
    return value.bytes(JSONLayout(sortsKeys: true)).withUnsafeBytes { MurmurHash3(of: $0) }
  }
}
