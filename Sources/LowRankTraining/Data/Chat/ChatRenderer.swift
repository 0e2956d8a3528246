/// A conversation as text.
public struct RenderedConversation: Hashable, Sendable {
  /// The text.
  public var text: String
  /// The bytes of UTF-8 that the template marks as written by the model; nil where it marks none, in whatever
  /// conversation.
  public var generated: [Range<Int>]?

  /// A text with its marks, in order.
  public init(text: String, generated: [Range<Int>]? = nil) {
    self.text = text
    self.generated = generated
  }
}

/// What writes conversations as texts: a chat template, as far as training needs to know it.
public protocol ChatRenderer: Sendable {
  /// The template itself, as it is kept beside an adapter.
  var source: String { get }
  /// The first turns of a conversation as text.
  ///
  /// - Parameter addingGenerationPrompt: whether the text ends with what the answer of a model follows.
  /// - Throws: what the template says where it refuses the conversation.
  func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) throws -> RenderedConversation
}
