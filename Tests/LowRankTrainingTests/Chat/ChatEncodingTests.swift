import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `Of a conversation` {
  /// The parts of the text that are trained, a token a byte.
  private func trained(
    _ conversation: Conversation, _ renderer: FakeRenderer = FakeRenderer(),
    _ turns: TrainedTurns = .assistant, length: Int = 1000
  ) throws -> [String] {
    try parts(encoded(conversation, renderer, turns, length: length).example)
  }

  private func encoded(
    _ conversation: Conversation, _ renderer: FakeRenderer, _ turns: TrainedTurns = .assistant,
    length: Int = 1000
  ) throws -> EncodedExample {
    let encoding = ChatEncoding(renderer, learns: turns, ends: .bars)
    return try ExampleEncoder(
      ByteEncoder(before: [1], after: [2]), endOfSequence: 0, maxLength: length, chat: encoding
    ).example(.conversation(conversation))
  }

  private func parts(_ example: Example) -> [String] {
    example.trained.map { String(decoding: example.ids[$0].map { UInt8($0) }, as: UTF8.self) }
  }

  @Test(arguments: [false, true])
  func `every answer is trained with the token that ends it, and nothing else`(marks: Bool) throws {
    let renderer = FakeRenderer(marks: marks)
    let conversation = chat("hi", "hello", "more?", "€ no")
    #expect(try trained(conversation, renderer) == ["hello|", "€ no|"])
    #expect(try trained(conversation, renderer, .last) == ["€ no|"])
    #expect(
      try trained(conversation, renderer, .all)
        == ["user>hi|\n<assistant>hello|\n<user>more?|\n<assistant>€ no|\n"])
    let text = try encoded(conversation, renderer).example.ids
    #expect(
      text
        == Array("<user>hi|\n<assistant>hello|\n<user>more?|\n<assistant>€ no|\n".utf8).map(
          Int32.init))
  }

  @Test(arguments: [false, true])
  func `turns that are given are not trained`(marks: Bool) throws {
    let conversation = chat("a", "b", "c", "d", givenCount: 3)
    #expect(try trained(conversation, FakeRenderer(marks: marks)) == ["d|"])
    #expect(try trained(chat("a", "b", givenCount: 2), FakeRenderer(marks: marks)) == [])
  }

  @Test(arguments: [false, true])
  func `a question at the end is only read`(marks: Bool) throws {
    for turns in [TrainedTurns.assistant, .last] {
      #expect(try trained(chat("a", "b", "c"), FakeRenderer(marks: marks), turns) == ["b|"])
    }
    #expect(try trained(chat("a"), FakeRenderer(marks: marks)) == [])
  }

  @Test func `an answer that the template changes is not trained, and counted`() throws {
    let conversation = chat("a", "hm#b", "c", "oh#d")
    let renderer = FakeRenderer(dropsThoughts: true)
    let example = try encoded(conversation, renderer)
    #expect(parts(example.example) == ["oh#d|"])
    #expect(example.unplacedTurns == 1)
    #expect(try encoded(chat("a", "b", "c", "oh#d"), renderer).unplacedTurns == 0)
    // The template itself knows what it marks.
    let marking = FakeRenderer(marks: true, dropsThoughts: true)
    #expect(try trained(conversation, marking) == ["b|", "oh#d|"])
  }

  @Test func `what the template writes at the very end does not hide earlier answers`() throws {
    let renderer = FakeRenderer(closing: "$")
    #expect(try trained(chat("a", "b", "c", "d"), renderer) == ["b|", "d|"])
  }

  @Test func `the first of the closing tokens at which generation stops ends a turn`() {
    func end(_ text: String, stops: Set<Int32>) -> Int32? {
      let ends = TurnEnds([(1, "<a>"), (2, "<b>"), (3, "<c>")], stops: stops)
      return ChatEncoding(Fixed(text: text), ends: ends).turnEnd
    }
    #expect(end("x<a> <b>\n<c>\n", stops: [2, 3]) == 2)
    #expect(end("x<a> <b>\n<c>\n", stops: []) == 1)
    #expect(end("<a>x\n", stops: [1]) == nil)
    #expect(end("x<c>", stops: [1]) == 3)
  }

  @Test func `a template that writes no more for an answer teaches nothing`() throws {
    let encoding = ChatEncoding(Fixed(text: "all of it\n"), ends: .bars)
    let example = try ExampleEncoder(
      ByteEncoder(), endOfSequence: 0, maxLength: 99, chat: encoding
    ).example(.conversation(chat("a", "b"))).example
    #expect(parts(example) == [])
    #expect(encoding.turnEnd == nil)
  }

  @Test func `a token that reaches across the beginning belongs to the prompt`() throws {
    func trained(_ marks: [Range<Int>]?) throws -> [Range<Int>] {
      let renderer = Spaced(marks: marks)
      return try ExampleEncoder(
        WordEncoder(), endOfSequence: 0, maxLength: 99,
        chat: ChatEncoding(renderer, ends: .bars)
      ).example(.conversation(chat("a", "b"))).example.trained
    }
    // The tokens are "user:a", " assistant:", " b" and " |", and the prompt ends with the space before b.
    #expect(try trained(nil) == [3..<4])
    // A mark takes every token that it touches, as transformers does.
    #expect(try trained([18..<19]) == [2..<3])
  }

  @Test func `what is too long is cut, and counted`() throws {
    let example = try encoded(chat("hi", "hello"), FakeRenderer(), length: 23)
    #expect(parts(example.example) == ["he"])
    #expect(example.isTruncated && example.length == 28)
    #expect(try encoded(chat("hi", "hello"), FakeRenderer(), length: 9).example.trained.isEmpty)
  }

  @Test func `no template is an error that says what to do`() {
    let encoder = ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 99)
    #expect(
      message { try encoder.example(.conversation(chat("a", "b"))) }.contains("chat_template"))
  }
}

/// A renderer that writes the same whatever is said.
private struct Fixed: ChatRenderer {
  let source = ""
  let text: String

  func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) -> RenderedConversation { RenderedConversation(text: text) }
}

/// A renderer whose prompts end with a space.
private struct Spaced: ChatRenderer {
  let source = ""
  let marks: [Range<Int>]?

  func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) -> RenderedConversation {
    let text = "user:a assistant: " + (addingGenerationPrompt ? "" : "b |")
    return RenderedConversation(text: text, generated: marks)
  }
}
