import LowRankCheckpoints
import LowRankKeys

/// Turns of several speakers, and the tools that one of them may call.
public struct Conversation: Hashable, Sendable {
  /// The turns as chat templates are given them: objects with `role`, and `content` or `tool_calls`.
  public var messages: [JSONObject]
  /// The tools, as JSON schemas; none where there are none.
  public var tools: [JSONValue]
  /// How many turns at the beginning are given and not trained, whoever speaks.
  public var givenCount: Int
  /// The indices of the assistant's turns that the row excludes from training.
  public var untrained: Set<Int>
  /// The number of other speakers' turns that the row marks as trained; they are not trained.
  public var strayMarks = 0

  /// A conversation.
  public init(
    _ messages: [JSONObject], tools: [JSONValue] = [], givenCount: Int = 0,
    untrained: Set<Int> = []
  ) {
    precondition(
      (0...messages.count).contains(givenCount), "\(givenCount) of \(messages.count) turns")
    self.messages = messages
    self.tools = tools
    self.givenCount = givenCount
    self.untrained = untrained
  }

  /// One turn of plain text.
  public static func message(_ role: String, _ content: String) -> JSONObject {
    ["role": .string(role), "content": .string(content)]
  }

  /// The indices of the assistant's turns that are not given.
  var openAnswers: [Int] { answers.filter { $0 >= givenCount } }

  /// The turns of the assistant, by number.
  var answers: [Int] { messages.indices.filter { messages[$0]["role"] == "assistant" } }
}

/// What is wrong with a conversation, wherever it came from.
public struct ConversationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A clause that may follow a file and a line.
  public let description: String

  /// An error with what is to be said.
  public init(_ description: String) { self.description = description }

  /// The model has no chat template.
  static var noTemplate: ConversationError {
    ConversationError(
      """
      a conversation becomes a text by the model's chat template, but its folder has none, neither chat_template.jinja \
      nor "chat_template" in tokenizer_config.json; give one with \(setting: "chat_template"), as \(setting: "chat_template") \
      chatml, or rows of "prompt" and "completion"
      """)
  }
}
