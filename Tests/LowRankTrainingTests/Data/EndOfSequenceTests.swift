import LowRankTraining
import Testing

@Suite struct `The end of sequence` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func find(
    tokenizer: String? = nil, config: String? = nil, generation: String? = nil
  ) throws -> EndOfSequence {
    for (name, text) in [
      ("tokenizer_config", tokenizer), ("config", config), ("generation_config", generation),
    ] {
      if let text { _ = try folder.file("\(name).json", text) }
    }
    return try EndOfSequence(inModelFolder: folder.url) { $0 == "</s>" ? 2 : nil }
  }

  @Test(arguments: ["\"</s>\"", "{\"content\": \"</s>\", \"lstrip\": false}"])
  func `is what the tokenizer's configuration spells`(token: String) throws {
    let end = try find(tokenizer: "{\"eos_token\": \(token)}", config: "{\"eos_token_id\": 5}")
    #expect(end == EndOfSequence(id: 2, stops: [5]))
  }

  @Test func `is else the first that the model's configuration lists`() throws {
    let end = try find(
      tokenizer: "{\"eos_token\": null}", config: "{\"eos_token_id\": [5, 6]}",
      generation: "{\"eos_token_id\": 7}")
    #expect(end == EndOfSequence(id: 5, stops: [7]))
    #expect(end.stops == [5, 7])
  }

  @Test func `is else the first that the generation configuration lists`() throws {
    let end = try find(
      config: "{\"eos_token_id\": null}", generation: "{\"eos_token_id\": [7, 8]}")
    #expect(end == EndOfSequence(id: 7, stops: [7, 8]))
  }

  @Test func `may be absent`() throws {
    #expect(try find() == EndOfSequence(id: nil))
  }

  @Test func `must be in the vocabulary`() throws {
    let text = message { try find(tokenizer: "{\"eos_token\": \"<end>\"}") }
    #expect(
      text.hasSuffix("\"eos_token\" is \"<end>\", which the tokenizer does not have"))
  }

  @Test(arguments: ["\"</s>\"", "[1, -2]", "3000000000", "1.5"])
  func `must be a token or a list of tokens`(value: String) {
    let text = message { try find(config: "{\"eos_token_id\": \(value)}") }
    #expect(text.contains("\"eos_token_id\" must be a token or a list of tokens"))
  }
}
