import LowRankCheckpoints

/// Reads the conversation that a row holds.
struct ConversationReader {
  let table: DataTable
  let row: DataRow

  init(_ row: DataRow, of table: DataTable) {
    self.row = row
    self.table = table
  }

  private static let roles = [
    "system", "developer", "user", "assistant", "tool", "function", "ipython",
  ]

  /// The conversation whose turns stand under a key, with the tools beside it.
  func conversation(_ key: String) throws(DataError) -> Conversation {
    let turns = try turns(key)
    var conversation = Conversation(
      turns.messages, tools: try tools(), untrained: turns.untrained)
    conversation.strayMarks = turns.strayMarks
    return conversation
  }

  /// Reads a prompt, of turns that are given, and a completion, of turns that are trained.
  func completion(_ columns: TextColumns) throws(DataError) -> Conversation {
    let prompt = try turns(columns.prompt ?? "prompt").messages
    let completion = try turns(columns.completion ?? "completion")
    return Conversation(
      prompt + completion.messages, tools: try tools(), givenCount: prompt.count,
      untrained: Set(completion.untrained.map { $0 + prompt.count }))
  }

  /// The turns under a key, and the indices of the assistant's turns that are marked as untrained.
  func turns(
    _ key: String
  ) throws(DataError) -> (messages: [JSONObject], untrained: Set<Int>, strayMarks: Int) {
    guard let value = row.fields[key] else {
      throw error(table.missing(key, among: row.fields.keys))
    }
    guard let list = try list(value, key) else {
      throw error("\"\(key)\" must be a list of messages, found \(value.kind)")
    }
    var messages: [JSONObject] = []
    var untrained: Set<Int> = []
    var strayMarks = 0
    for (index, element) in list.enumerated() {
      guard var fields = element.object else {
        throw error("message \(index + 1) must be an object, found \(element.kind)")
      }
      let mark = try takeMark(from: &fields, "message \(index + 1)")
      let message =
        try fields["from"] != nil && fields["role"] == nil
        ? shareGPT(fields, index) : message(fields, index)
      let isAnswer = message["role"] == "assistant"
      if mark == false, isAnswer { untrained.insert(index) }
      if mark == true, !isAnswer { strayMarks += 1 }
      messages.append(message)
    }
    return (messages, untrained, strayMarks)
  }

  /// One turn with a role and a content; what is null is not there, as for transformers.
  private func message(_ fields: JSONObject, _ index: Int) throws(DataError) -> JSONObject {
    let name = "message \(index + 1)"
    var message = JSONObject(fields.entries.filter { $0.value != .null }.map { ($0.key, $0.value) })
    guard let value = message["role"] else {
      throw error("\(name) has no \"role\"; \(table.listing(fields.keys))")
    }
    guard let role = value.string else {
      throw error("the role of \(name) must be a string, found \(value.kind)")
    }
    guard Self.roles.contains(role) else { throw unknown(role, of: name, among: Self.roles) }
    switch message["content"] {
    case nil where message["tool_calls"] == nil:
      throw error("\(name) has no \"content\"; \(table.listing(fields.keys))")
    case nil, .string: break
    case .array(let parts)?:
      for part in parts where part.object?["type"] != "text" {
        let kind = part.object?["type"]?.string.map { "of type \"\($0)\"" } ?? "without a type"
        throw error("\(name) has a part \(kind), but only parts of type \"text\" can be trained")
      }
    case let value?: throw error("the content of \(name) must be a string, found \(value.kind)")
    }
    if let calls = message["tool_calls"] {
      guard let array = calls.array else {
        throw error("the tool_calls of \(name) must be a list, found \(calls.kind)")
      }
      message["tool_calls"] = .array(array.map(withParsedArguments))
    }
    return message
  }

  /// The tools of the row, a list or the JSON text of one.
  func tools() throws(DataError) -> [JSONValue] {
    guard let value = row.fields["tools"], value != .null else { return [] }
    if let text = value.string, text.allSatisfy(\.isWhitespace) { return [] }
    guard let list = try list(value, "tools") else {
      throw error("\"tools\" must be a list or the JSON text of one, found \(value.kind)")
    }
    return list
  }

  /// A list, or a text that spells one as tables do: JSON, or what Python prints.
  func list(_ value: JSONValue, _ key: String) throws(DataError) -> [JSONValue]? {
    guard let text = value.string else { return value.array }
    guard let value = JSONValue(structured: text) else {
      throw error(
        "\"\(key)\" is a text that spells no list, expected a list, or its text as JSON or Python write it"
      )
    }
    return value.array
  }

  func unknown(_ role: String, of name: String, among roles: [String]) -> DataError {
    error(
      "\(name) has the role \"\(role)\", expected \(roles.joined(separator: ", "))"
        + suggestion(for: role, among: roles))
  }

  func error(_ problem: String) -> DataError { DataError(table.place(of: row), problem) }
}

/// A call whose arguments are the JSON text of an object, as APIs write them, with the object itself, as templates expect.
private func withParsedArguments(_ call: JSONValue) -> JSONValue {
  guard var object = call.object else { return call }
  if var function = object["function"]?.object {
    function["arguments"] = function["arguments"].map(parsedArguments)
    object["function"] = .object(function)
  } else {
    object["arguments"] = object["arguments"].map(parsedArguments)
  }
  return .object(object)
}

func parsedArguments(_ value: JSONValue) -> JSONValue {
  guard let text = value.string, let parsed = try? JSONValue(parsing: text, from: "arguments"),
    parsed.object != nil
  else { return value }
  return parsed
}
