import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A row of a conversation` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(
    _ text: String, _ name: String = "a.jsonl", renderer: (any ChatRenderer)? = FakeRenderer()
  ) throws -> ExampleSet {
    let chat = renderer.map { ChatEncoding($0, ends: .bars) }
    return try ExampleSet(
      at: folder.file(name, text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 500, chat: chat))
  }

  private func texts(_ set: ExampleSet) -> [String] {
    set.examples.map { String(decoding: $0.ids.map { UInt8($0) }, as: UTF8.self) }
  }

  private let two = "<user>a|\n<assistant>b|\n"

  @Test(arguments: [
    (
      #"{"messages": [{"role": "user", "content": "a", "name": null}, {"role": "assistant", "content": "b"}]}"#,
      RowFormat.messages
    ),
    (
      #"{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}"#,
      .shareGPT
    ),
    (#"{"instruction": "a", "input": "", "output": "b"}"#, .alpaca),
    (
      #"{"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]}"#,
      .completion
    ),
    (
      #"{"text": "x", "messages": "[{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]"}"#,
      .messages
    ),
  ])
  func `is known by its keys`(row: String, format: RowFormat) throws {
    let set = try set(row)
    #expect(texts(set) == [two])
    #expect(set.examples[0].trained == [20..<22])
    #expect(set.format == format && set.holdsConversations)
  }

  @Test func `of Alpaca has the input on a line of its own, and what was said before`() throws {
    let set = try set(
      #"{"instruction": "a", "input": "c", "output": "b", "system": "s", "history": [["d", "e"]]}"#)
    #expect(
      texts(set) == [
        "<system>s|\n<user>d|\n<assistant>e|\n<user>a\nc|\n<assistant>b|\n"
      ])
  }

  @Test func `of Alpaca without a template is a prompt with a completion`() throws {
    let set = try set(
      #"[{"instruction": "a", "input": "c", "output": "b"}]"#, "a.json", renderer: nil)
    #expect(set.examples == [Example(ids: [97, 10, 99, 98, 0], trained: [3..<5])])
    #expect(set.remarks.count == 1 && set.remarks[0].contains("no chat template"))
    #expect(
      message {
        try self.set(
          #"{"instruction": "a", "output": "b", "system": "s"}"#, renderer: nil)
      }.hasPrefix("a.jsonl, line 1: the row has a \"system\" text, but a conversation becomes"))
  }

  @Test func `of ShareGPT may call tools, and gets their answers`() throws {
    let call = #"{\"name\": \"f\", \"arguments\": {\"x\": 1}}"#
    let set = try set(
      """
      {"system": "s", "tools": "[]", "conversations": [{"from": "human", "value": "a"}, \
      {"from": "function_call", "value": "\(call)"}, {"from": "observation", "value": "r"}]}
      """)
    #expect(
      texts(set) == [
        "<system>s|\n<user>a|\n<assistant>"
          + #"[{"type":"function","function":{"name":"f","arguments":{"x":1}}}]"#
          + "|\n<tool>r|\n"
      ])
  }

  @Test func `has the arguments of calls as objects, and tools as functions`() throws {
    let seen = Recorder()
    _ = try? set(
      """
      {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": \
      [{"function": {"name": "f", "arguments": "{\\"x\\": 1}"}}]}], "tools": "[{\\"name\\": \\"f\\"}]"}
      """, renderer: seen)
    _ = try? set(
      """
      {"conversations": [{"from": "human", "value": "a"}], "tools": "[{\\"name\\": \\"f\\"}]"}
      """, renderer: seen)
    let conversations = seen.conversations
    try #require(conversations.count >= 2)
    #expect(
      conversations[0].messages[1]
        == [
          "role": "assistant", "tool_calls": [["function": ["name": "f", "arguments": ["x": 1]]]],
        ])
    #expect(conversations[0].tools == [["name": "f"]])
    #expect(
      conversations[conversations.count - 1].tools
        == [["type": "function", "function": ["name": "f"]]])
  }

  @Test func `that says nothing is left out and counted`() throws {
    let set = try set(
      """
      {"messages": []}
      {"messages": [{"role": "user", "content": "a"}]}
      {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
      """)
    #expect(texts(set) == [two])
    #expect(set.counts.empty == 1 && set.counts.untrained == 1)
  }

  @Test func `tells how many are trained in part`() throws {
    let set = try set(
      """
      {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "h#b"}, \
      {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}
      """, renderer: FakeRenderer(dropsThoughts: true))
    #expect(set.counts.partial == 1)
    #expect(set.counts.description.contains(", 1 trained in part"))
    #expect(set.remarks.count == 1)
  }

  @Test(arguments: [
    (
      #"{"messages": [{"role": "asistant", "content": "a"}]}"#,
      """
      message 1 has the role "asistant", expected system, developer, user, assistant, tool, function, ipython; \
      did you mean "assistant"?
      """
    ),
    (
      #"{"messages": [{"content": "a"}]}"#,
      #"message 1 has no "role"; the keys are "content""#
    ),
    (
      #"{"messages": [{"role": "user"}]}"#, #"message 1 has no "content"; the keys are "role""#
    ),
    (#"{"messages": ["a"]}"#, "message 1 must be an object, found a string"),
    (#"{"messages": {}}"#, #""messages" must be a list of messages, found an object"#),
    (
      #"{"messages": "a"}"#,
      #""messages" is a text that spells no list, expected a list, or its text as JSON or Python write it"#
    ),
    (
      #"{"messages": [{"role": "user", "content": [{"type": "image"}]}]}"#,
      #"message 1 has a part of type "image", but only parts of type "text" can be trained"#
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "a"}]}"#,
      "roles must alternate"
    ),
    (
      #"{"conversations": [{"from": "robot", "value": "a"}]}"#,
      """
      message 1 has the role "robot", expected system, human, user, gpt, assistant, function_call, tool, observation, \
      function_response
      """
    ),
    (
      #"{"conversations": [{"from": "function_call", "value": "f()"}]}"#,
      "the function call of message 1 is not JSON"
    ),
    (
      #"{"conversations": [{"from": "human"}]}"#,
      #"message 1 has no text under "value"; the keys are "from""#
    ),
    (
      #"{"messages": [], "tools": 3}"#,
      #""tools" must be a list or the JSON text of one, found an integer"#
    ),
    (
      #"{"instruction": "a", "output": "b", "history": [["a"]]}"#,
      #""history" must be a list of pairs of texts, [question, answer]"#
    ),
    (
      #"{"conversations": [], "chosen": {}, "rejected": {}}"#,
      """
      a preference row, "chosen" and "rejected"; objective dpo learns to prefer the chosen answers; to learn them alone, write \
      them as "messages", or as "prompt" and "completion"
      """
    ),
  ])
  func `that is not as expected is refused with its line`(row: String, expected: String) {
    #expect(message { try set("\n" + row) } == "a.jsonl, line 2: " + expected)
  }
}

/// A renderer that remembers what it is given.
private final class Recorder: ChatRenderer, @unchecked Sendable {
  let source = ""
  private(set) var conversations: [Conversation] = []

  func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) -> RenderedConversation {
    conversations.append(conversation)
    return RenderedConversation(text: "x")
  }
}
