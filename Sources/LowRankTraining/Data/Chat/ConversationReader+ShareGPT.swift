import LowRankCheckpoints

extension ConversationReader {
  private static let speakers = [
    "system": "system", "human": "user", "user": "user", "gpt": "assistant",
    "assistant": "assistant", "function_call": "assistant", "tool": "tool", "observation": "tool",
    "function_response": "tool",
  ]
  private static let speakerNames = [
    "system", "human", "user", "gpt", "assistant", "function_call", "tool", "observation",
    "function_response",
  ]

  /// A conversation in ShareGPT's words, with a text for the system and the tools where the row has them.
  func shareGPT() throws(DataError) -> Conversation {
    var conversation = try conversation("conversations")
    conversation.tools = conversation.tools.map(asFunction)
    if let text = row.fields["system"]?.string, !text.isEmpty,
      conversation.messages.first?["role"] != "system"
    {
      conversation.messages.insert(Conversation.message("system", text), at: 0)
      conversation.untrained = Set(conversation.untrained.map { $0 + 1 })
    }
    return conversation
  }

  /// One turn with `from` and `value`.
  func shareGPT(_ fields: JSONObject, _ index: Int) throws(DataError) -> JSONObject {
    let name = "message \(index + 1)"
    guard let speaker = fields["from"]?.string else {
      throw error("\"from\" of \(name) must be a string")
    }
    guard let role = Self.speakers[speaker] else {
      throw unknown(speaker, of: name, among: Self.speakerNames)
    }
    guard let text = fields["value"]?.string else {
      throw error("\(name) has no text under \"value\"; \(table.listing(fields.keys))")
    }
    guard speaker == "function_call" else { return Conversation.message(role, text) }
    guard let value = try? JSONValue(parsing: text, from: name) else {
      throw error("the function call of \(name) is not JSON")
    }
    let calls = value.array ?? [value]
    guard !calls.isEmpty, calls.allSatisfy({ $0.object?["name"]?.string != nil }) else {
      throw error(
        "the function call of \(name) must be an object with \"name\" and \"arguments\", or a list of them"
      )
    }
    return [
      "role": "assistant",
      "tool_calls": .array(
        calls.map { call in
          var function = call.object ?? [:]
          function["arguments"] = function["arguments"].map(parsedArguments)
          return ["type": "function", "function": .object(function)]
        }),
    ]
  }
}

/// A tool as templates expect it, also where its schema stands by itself.
private func asFunction(_ tool: JSONValue) -> JSONValue {
  guard let object = tool.object, object["function"] == nil, object["name"] != nil else {
    return tool
  }
  return ["type": "function", "function": tool]
}
