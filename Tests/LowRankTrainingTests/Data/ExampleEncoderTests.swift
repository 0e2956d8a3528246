import LowRankTraining
import Testing

@Suite struct `An example` {
  private func encode(
    _ row: TextRow, _ encoder: any TextEncoder, end: Int32? = 9, length: Int = 100,
    separator: String = ""
  ) throws -> Example {
    try ExampleEncoder(encoder, endOfSequence: end, maxLength: length, separator: separator)
      .example(row).example
  }

  @Test func `of a text learns all tokens but the first, then the end`() throws {
    let example = try encode(.text("ab"), ByteEncoder())
    #expect(example == Example(ids: [97, 98, 9], trained: [1..<3]))
  }

  @Test func `keeps the tokens that the post-processor adds`() throws {
    let example = try encode(.text("ab"), ByteEncoder(before: [1]))
    #expect(example == Example(ids: [1, 97, 98, 9], trained: [1..<4]))
  }

  @Test func `does not double the end that the post-processor has put there`() throws {
    let encoder = ByteEncoder(before: [1], after: [9])
    #expect(try encode(.text("a"), encoder).ids == [1, 97, 9])
    let completion = try encode(.completion(prompt: "a", completion: "b"), encoder)
    #expect(
      completion == Example(ids: [1, 97, 98, 9], trained: [2..<4]))
    let silent = try encode(.completion(prompt: "a", completion: ""), encoder)
    #expect(silent == Example(ids: [1, 97, 9], trained: [2..<3]))
  }

  @Test func `has no end where the model names none`() throws {
    #expect(try encode(.text("ab"), ByteEncoder(), end: nil).ids == [97, 98])
    #expect(try encode(.text("a"), ByteEncoder(), end: nil).trained.isEmpty)
  }

  @Test func `of a prompt learns only what follows it`() throws {
    let row = TextRow.completion(prompt: "Name:", completion: " Bob Dole")
    #expect(try encode(row, WordEncoder()) == Example(ids: [5, 4, 5, 9], trained: [1..<4]))
  }

  @Test func `counts a token across the boundary to the prompt`() throws {
    let row = TextRow.completion(prompt: "Name: ", completion: "Bob Dole")
    #expect(try encode(row, WordEncoder()) == Example(ids: [5, 4, 5, 9], trained: [2..<4]))
  }

  @Test func `finds the boundary in bytes, not characters`() throws {
    let row = TextRow.completion(prompt: "e\u{301}€ ", completion: "\u{301}")
    let example = try encode(row, ByteEncoder())
    #expect(example.ids.count == 10)
    #expect(example.trained == [7..<10])
  }

  @Test func `has the separator in its prompt`() throws {
    let row = TextRow.completion(prompt: "a", completion: "b")
    let example = try encode(row, ByteEncoder(), separator: "\n")
    #expect(example == Example(ids: [97, 10, 98, 9], trained: [2..<4]))
  }

  @Test func `of a prompt learns all of it where prompts are trained`() throws {
    let encoder = ExampleEncoder(
      ByteEncoder(), endOfSequence: 9, maxLength: 9, trainsPrompts: true)
    let example = try encoder.example(.completion(prompt: "ab", completion: "c")).example
    #expect(example == Example(ids: [97, 98, 99, 9], trained: [1..<4]))
  }

  @Test func `without a prompt learns all but the first token`() throws {
    let row = TextRow.completion(prompt: "", completion: "ab")
    #expect(try encode(row, ByteEncoder(before: [1])).trained == [1..<4])
  }

  @Test func `is cut off at the greatest length`() throws {
    let row = TextRow.completion(prompt: "abc", completion: "de")
    #expect(
      try encode(row, ByteEncoder(), length: 4)
        == Example(ids: [97, 98, 99, 100], trained: [3..<4]))
    #expect(try encode(row, ByteEncoder(), length: 3).trained.isEmpty)
    #expect(try encode(row, ByteEncoder(), length: 2).trained.isEmpty)
    let encoder = ExampleEncoder(ByteEncoder(), endOfSequence: 9, maxLength: 6)
    #expect(try encoder.example(row).isTruncated == false)
    #expect(try encoder.example(.text("abcdef")).isTruncated)
  }
}
