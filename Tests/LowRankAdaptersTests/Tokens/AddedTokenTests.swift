import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A vocabulary that grows` {
  private static let kinds = [true, false]
  private let added = [11, 12]

  private func base(_ isTied: Bool) throws -> Model {
    try isTied ? TinyModels.gpt2(on: CPUEngine()) : TinyModels.llama(on: CPUEngine())
  }

  /// An adapter that trains the rows of tokens 11 and 12, every trained number moved.
  private func adapter(_ isTied: Bool, saving saved: [String] = []) throws -> Adapter {
    let grown = try base(isTied).extendingVocabulary(to: 13)
    var configuration = AdapterConfiguration(
      target: Target(.allLinear), ranks: PatternRanks(rank: 2), modulesToSave: saved)
    configuration.trainedTokens = try TrainedTokens(
      adding: added, beside: [3], in: grown.causal, savingWhole: saved)
    var adapter = try Adapter(on: grown, configuration: configuration)
    adapter.startRows(of: added, atMeanOf: 11)
    var random = Philox(key: 5)
    for parameter in adapter.trainable {
      let numbers = grown.engine.floats(adapter.values[parameter])
        .map { $0 + 0.3 * Float(random.normal()) }
      adapter.values[parameter] = grown.engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return adapter
  }

  @Test(arguments: kinds) func `keeps the logits of its tokens, and starts at the mean`(
    _ isTied: Bool
  ) throws {
    let base = try base(isTied)
    let grown = base.extendingVocabulary(to: 13)
    #expect(grown.architecture.vocabularySize == 13 && grown.causal.isHeadTied == isTied)
    #expect(grown.config["vocab_size"] == 13)
    #expect(grown.parameterCount == base.parameterCount + 2 * 8 * (isTied ? 1 : 2))
    let ids: [Int32] = [1, 4, 2]
    let (old, new) = (
      base.engine.floats(base.logits(ids)), base.engine.floats(grown.logits(ids))
    )
    for row in 0..<3 {
      for token in 0..<11 {
        #expect(abs(old[row * 11 + token] - new[row * 13 + token]) < 1e-5)
      }
      // The head is linear, so its mean row gives the mean logit.
      let mean = (0..<11).reduce(Float(0)) { $0 + old[row * 11 + $1] } / 11
      #expect(abs(new[row * 13 + 12] - mean) < 1e-5)
    }
    #expect(base.extendingVocabulary(to: 11).architecture.vocabularySize == 11)
  }

  @Test(arguments: kinds) func `is made again when its adapter is loaded on the base`(
    _ isTied: Bool
  ) throws {
    let adapter = try adapter(isTied)
    let ids: [Int32] = [1, 12, 3, 11, 4]
    let expected = adapter.base.engine.floats(
      adapter.model.logits(ids, adapters: adapter.selection))
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "a")
      try adapter.save(to: place.path)
      let base = try base(isTied)
      for start in [base, base.extendingVocabulary(to: 13)] {
        let loaded = try Adapter(from: place, on: start)
        #expect(loaded.base.architecture.vocabularySize == 13)
        let found = loaded.base.engine.floats(
          loaded.model.logits(ids, adapters: loaded.selection))
        #expect(found == expected)
        let merged = try loaded.base.merging(loaded)
        let whole = merged.engine.floats(merged.logits(ids))
        #expect(zip(whole, expected).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
  }

  @Test(arguments: kinds) func `needs every row beyond the base's`(_ isTied: Bool) throws {
    let adapter = try adapter(isTied)
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "a")
      try adapter.save(to: place.path)
      let file = place.appending(path: "adapter_config.json")
      var config = try JSONFile(at: file).object
      // A base of 10 tokens would lack row 10.
      let tokens: JSONValue = [3, 12]
      config["trainable_token_indices"] =
        isTied ? tokens : ["embed_tokens": tokens, "lm_head": [12]]
      try FileManager.default.removeItem(at: file)
      try JSONValue.object(config).write(to: file)
      #expect(
        message { try Adapter(from: place, on: base(isTied)) }
          .contains(
            "12 for \(isTied ? "transformer.wte" : "model.embed_tokens"), expected tokens from 0 to 10"
          ))
    }
  }

  @Test func `is read from embeddings and head that are saved whole`() throws {
    let adapter = try adapter(false, saving: ["embed_tokens", "lm_head"])
    #expect(adapter.ownRows.isEmpty && adapter.configuration.trainedTokens == nil)
    let ids: [Int32] = [12, 3, 11]
    let expected = adapter.base.engine.floats(
      adapter.model.logits(ids, adapters: adapter.selection))
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "a")
      try adapter.save(to: place.path)
      let loaded = try Adapter(from: place, on: base(false))
      #expect(
        loaded.base.engine.floats(loaded.model.logits(ids, adapters: loaded.selection))
          == expected)
    }
  }

  @Test func `is refused where one of two tied modules is trained whole`() throws {
    let grown = try base(true).extendingVocabulary(to: 13)
    for name in ["wte", "lm_head"] {
      #expect(
        message {
          try TrainedTokens(adding: added, beside: [], in: grown.causal, savingWhole: [name])
        }.contains("neither the embeddings nor the head"))
    }
  }

  @Test func `starts trained rows at the mean of the rows that have tokens`() throws {
    let base = try base(false)
    var configuration = AdapterConfiguration(
      target: Target(.allLinear), ranks: PatternRanks(rank: 2))
    configuration.trainedTokens = .modules([.init("embed_tokens", [3, 9]), .init("lm_head", [9])])
    var adapter = try Adapter(on: base, configuration: configuration)
    let before = base.engine.floats(
      adapter.values[try #require(adapter.ownRows["model.embed_tokens.weight"]).rows])
    adapter.startRows(of: [9], atMeanOf: 8)
    for (path, weight) in [
      ("model.embed_tokens.weight", base.architecture.backbone.tokenTable.weight),
      ("lm_head.weight", base.causal.head.weight),
    ] {
      let table = base.engine.floats(base.store[weight])
      let own = try #require(adapter.ownRows[path])
      let rows = base.engine.floats(adapter.values[own.rows])
      let mean = (0..<8).map { column in
        (0..<8).reduce(Float(0)) { $0 + table[$1 * 8 + column] } / 8
      }
      #expect(zip(rows.suffix(8), mean).allSatisfy { abs($0 - $1) < 1e-6 })
      if own.numbers.count == 2 { #expect(rows.prefix(8) == before.prefix(8)) }
    }
  }

  @Test func `brings the tokenizer beside its adapter`() throws {
    var adapter = try adapter(false)
    try withTemporaryFolder { folder in
      let texts = folder.appending(path: "texts")
      try FileManager.default.createDirectory(at: texts, withIntermediateDirectories: true)
      for name in ["tokenizer.json", "tokenizer_config.json", "other.json"] {
        try "{}".write(to: texts.appending(path: name), atomically: true, encoding: .utf8)
      }
      var base = adapter.base
      base.tokenizerFolder = texts
      adapter = try Adapter(on: base, configuration: adapter.configuration)
      let place = folder.appending(path: "a")
      try adapter.save(to: place.path)
      let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
      #expect(
        names == [
          "adapter_config.json", "adapter_model.safetensors", "lowrank.json", "tokenizer.json",
          "tokenizer_config.json",
        ])
      let loaded = try Adapter(from: place, on: self.base(false))
      #expect(loaded.base.tokenizerFolder?.path == place.path)
      #expect(try #require(loaded.loading).notes.contains { $0.contains("beside the adapter") })
    }
  }
}
