import Foundation
import LowRankCheckpoints
import LowRankTransformers
import Testing

/// Rotary configurations of which transformers 5.23 said what it makes of them; Oracles/rotary_fixture.py wrote the file,
/// or one of `LOWRANK_ROTARY_ORACLE`.
@Suite struct `Rotary positions` {
  @Test func `of any configuration are those of transformers`() throws {
    let recorded = ProcessInfo.processInfo.environment["LOWRANK_ROTARY_ORACLE"]
    let url =
      recorded.map { URL(filePath: $0) } ?? ModelFixture.root.appending(path: "rotary.json")
    let cases = try JSONFile(at: url).objects("cases")
    #expect(cases.count >= 60)
    for entry in cases {
      let config = try entry.object("config")
      let name = Comment(rawValue: JSONValue.object(config.object).text())
      guard let expected = try entry.optionalDoubles("frequencies") else {
        #expect(throws: (any Error).self, name) { try Self.numbers(config) }
        continue
      }
      let numbers = try Self.numbers(config)
      let found = numbers.rotary.inverseFrequencies(
        headSize: numbers.headSize, length: try entry.integer("length"))
      #expect(found.count == expected.count, name)
      for (a, b) in zip(found, expected) {
        #expect(abs(Double(a) - b) <= 2e-6 * b, name)
      }
    }
  }

  private static func numbers(_ config: some JSONFields) throws -> LlamaConfiguration {
    let family = try #require(
      LlamaConfiguration.Family(rawValue: try config.string("model_type")))
    return try LlamaConfiguration(config, family: family)
  }

  @Test func `of layers of two kinds are refused by the key`() throws {
    let config = JSONSection(
      [
        "model_type": "qwen2", "vocab_size": 8, "hidden_size": 16, "intermediate_size": 8,
        "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
        "rope_parameters": ["full_attention": ["rope_type": "linear", "factor": 2]],
      ], of: "config.json")
    let error = message { try Self.numbers(config) }
    #expect(error.hasPrefix("config.json: \"rope_parameters.full_attention\" is an object"))
  }
}
