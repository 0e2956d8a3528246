import LowRank
import LowRankHTTP
import LowRankKeys

/// The conversation of a request.
struct ChatPrompt {
  private let conversation: Conversation
  private let addsGenerationPrompt: Bool

  /// - Throws: ``APIError``, `JSONError`.
  init(_ fields: RequestFields) throws {
    try fields.requireTextFormat()
    if let choice = fields["tool_choice"], choice != .null, choice.string != "auto",
      choice.string != "none"
    {
      throw APIError.invalid("tool_choice", "\"tool_choice\" must be \"auto\" or \"none\".")
    }
    let messages = try fields.objects("messages").map(Self.message)
    guard !messages.isEmpty else {
      throw APIError.invalid("messages", "\"messages\" is empty.")
    }
    let tools =
      fields["tool_choice"]?.string == "none" ? [] : try fields.optionalArray("tools") ?? []
    conversation = Conversation(messages, tools: tools)
    addsGenerationPrompt = try fields.bool("add_generation_prompt", default: true)
  }

  /// A message as templates expect it: parts of text are joined.
  private static func message(_ message: JSONSection) throws -> JSONObject {
    _ = try message.string("role")
    var object = message.object
    guard let parts = object["content"]?.array else {
      if let content = object["content"], content != .null, content.string == nil {
        throw message.mismatch("content", expected: "a string or a list of parts")
      }
      return object
    }
    var text = ""
    for part in parts {
      guard part.object?["type"]?.string == "text", let more = part.object?["text"]?.string else {
        throw APIError.invalid("messages", "Only parts of the type \"text\" are supported.")
      }
      text += more
    }
    object["content"] = .string(text)
    return object
  }

  /// The field that a template refuses: the tools, if it takes the messages without them.
  private func refusedField(_ renderer: TemplateRenderer) -> String {
    guard !conversation.tools.isEmpty else { return "messages" }
    let bare = Conversation(conversation.messages)
    let answer = try? renderer.render(
      bare, turns: bare.messages.count, addingGenerationPrompt: addsGenerationPrompt)
    return answer == nil ? "messages" : "tools"
  }

  /// The conversation as tokens, up to where the answer begins.
  ///
  /// - Throws: ``APIError``.
  func ids(_ model: ServedModel) throws -> [Int32] {
    guard let renderer = model.texts.renderer else {
      throw APIError(
        .badRequest,
        "The model has no chat template; start the server with \(setting: "chat_template"), or use /v1/completions."
      )
    }
    let text: String
    do {
      text = try renderer.render(
        conversation, turns: conversation.messages.count,
        addingGenerationPrompt: addsGenerationPrompt
      ).text
    } catch let error as TemplateError {
      let field = refusedField(renderer)
      throw APIError.invalid(field, "The chat template refuses the \(field): \(error.message)")
    }
    let ids = model.texts.tokenizer.encode(text, addSpecialTokens: false).ids
    guard !ids.isEmpty else { throw APIError.invalid("messages", "\"messages\" have no token.") }
    if let stray = ids.first(where: { Int($0) >= model.vocabulary }) {
      throw APIError.invalid(
        "messages", "The token \(stray) of the messages is unknown to the model.")
    }
    return ids
  }
}
