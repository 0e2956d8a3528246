import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop
import Testing

@Suite struct `Logarithms of probabilities` {
  /// The characters of a text before each place, as Python counts them.
  private func prefixes(_ text: String, _ places: [Int]) -> [String] {
    places.map { String(String.UnicodeScalarView(text.unicodeScalars.prefix($0))) }
  }

  private func echoed(_ server: RunningServer, _ prompt: JSONValue, stream: Bool = false)
    async throws -> (text: String, tokens: [String], places: [Int])
  {
    let answer = try await server.post(
      "/v1/completions",
      [
        "prompt": prompt, "echo": true, "logprobs": 1, "max_tokens": 3, "temperature": 0,
        "ignore_eos": true, "logit_bias": ["8": 100], "stream": .bool(stream),
      ])
    let choices =
      stream
      ? try answer.events().flatMap { $0["choices"]?.array?.compactMap(\.object) ?? [] }
      : try answer.choices()
    let logarithms = choices.compactMap { $0["logprobs"]?.object }
    return (
      choices.compactMap { $0["text"]?.string }.joined(),
      logarithms.flatMap { $0["tokens"]?.array?.compactMap(\.string) ?? [] },
      logarithms.flatMap { $0["text_offset"]?.array?.compactMap(\.integer) ?? [] }
    )
  }

  @Test func `have the bytes of tokens that are parts of characters`() async throws {
    let server = try await RunningServer(preparing: { workshop in
      try ByteTokenizer.write(workshop)
      try "{{ messages[0].content }}".write(
        to: workshop.model.appending(path: "chat_template.jinja"), atomically: true,
        encoding: .utf8)
    })
    let answer = try await server.post(
      "/v1/chat/completions",
      [
        "messages": [["role": "user", "content": "a"]], "max_tokens": 2, "temperature": 0,
        "logprobs": true, "top_logprobs": 20, "logit_bias": ["2": 100],
      ])
    let content = try #require(answer.choices().first?["logprobs"]?.object?["content"]?.array)
    #expect(content.map { $0.object?["bytes"] } == [[0xF0], [0xF0]])
    #expect(content.map { $0.object?["token"] } == ["\u{FFFD}", "\u{FFFD}"])
    // Whatever is likely, bytes that are no part of a character are those of the token's text.
    for entry in content.flatMap({ $0.object?["top_logprobs"]?.array ?? [] }).compactMap(\.object) {
      let token = try #require(entry["token"]?.string)
      let bytes = entry["bytes"]?.array?.compactMap(\.integer) ?? []
      if token == "\u{FFFD}" {
        #expect(bytes.count == 1 && bytes[0] >= 0x80)
      } else {
        #expect(bytes == token.utf8.map(Int.init))
      }
    }
  }

  @Test(arguments: [false, true])
  func `stand where their tokens are in an echoed text`(stream: Bool) async throws {
    let server = try await RunningServer(preparing: ByteTokenizer.write)
    let words = try await echoed(server, "ab cd", stream: stream)
    #expect(words.text == "ab cdbbb")
    #expect(words.tokens == ["<s>", " ", "a", "b", " ", "c", "d", "b", "b", "b"])
    #expect(words.places == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7])
    let emoji = try await echoed(server, "a😀b", stream: stream)
    #expect(emoji.text == "a😀bbbb")
    #expect(emoji.places == [0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5])
    // Tokens that the client sends are all a part of the text.
    let tokens = try await echoed(server, [1, 6, 7, 2, 3, 4, 5, 8], stream: stream)
    #expect(tokens.text == "<s> a😀bbbb")
    #expect(
      prefixes(tokens.text, tokens.places) == [
        "", "<s>", "<s> ", "<s> a", "<s> a", "<s> a", "<s> a", "<s> a😀", "<s> a😀b", "<s> a😀bb",
        "<s> a😀bbb",
      ])
  }

  @Test(arguments: [
    ([7, 2, 3, 4, 5, 8], [0, 1, 1, 1, 1, 2]), ([2, 3, 7, 8], [0, 0, 2, 3]),
    ([2, 2, 3, 4, 5], [0, 1, 1, 1, 1]), ([5, 4, 7], [0, 1, 2]), ([7, 0, 8], [0, 1, 1]),
  ])
  func `stand at the character that a byte begins or continues`(
    tokens: [Int32], expected: [Int]
  ) throws {
    let workshop = try Workshop()
    try ByteTokenizer.write(workshop)
    var places = TokenPlaces(try Tokenizer(folder: workshop.model))
    #expect(tokens.map { places.append($0) } == expected)
  }

  @Test func `stand in the text where it stops`() async throws {
    let server = try await RunningServer(preparing: ByteTokenizer.write)
    let answer = try await server.post(
      "/v1/completions",
      [
        "prompt": "a", "logprobs": 0, "max_tokens": 9, "temperature": 0, "stop": "bbb",
        "logit_bias": ["8": 100],
      ])
    let choice = try #require(answer.choices().first)
    #expect(choice["text"] == "" && choice["finish_reason"] == "stop")
    let places = choice["logprobs"]?.object?["text_offset"]?.array?.compactMap(\.integer)
    #expect(places == [0, 0, 0])
  }
}
