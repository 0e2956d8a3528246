import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// A GGUF file with an adapter in its weights, against the merged model in memory.
@Suite struct `Merging into a GGUF file` {
  static let files = [
    "llama", "llama-00002-of-00003", "llama-biases", "mistral", "qwen2", "qwen3", "smollm3",
    "gemma3", "phi3", "phi4-mini",
  ]
  private static let folder = AdapterFixture.models.appending(path: "gguf")
  private static let ids: [Int32] = [1, 3, 40, 100, 50, 260, 2, 17]
  private static let wide = MergeLimits(divergence: 10, difference: 1000)
  private let engine = CPUEngine()

  private func base(_ name: String) throws -> Model {
    try Model(
      from: Self.folder.appending(path: name + ".gguf"), precision: .float32, engine: engine)
  }

  /// An adapter with every trained number moved from where it started.
  private func moved(
    _ base: Model, _ target: Target = .allLinear, saving modules: [String] = [],
    tokens: TrainedTokens? = nil, magnitude: Bool = false
  ) throws -> Adapter {
    var adapter = try Adapter(
      on: base,
      tolerating: AdapterConfiguration(
        target: target, method: LoRA(hasMagnitude: magnitude),
        ranks: PatternRanks(rank: 3, alpha: 4), modulesToSave: modules, trainedTokens: tokens),
      seed: 4)
    var random = Philox(key: 7, stream: 2)
    for parameter in adapter.trainable {
      let numbers = engine.floats(adapter.values[parameter]).map {
        $0 + 0.03 * Float(random.normal())
      }
      adapter.values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return adapter
  }

  /// What a number may lose where it is stored.
  private func slack(_ type: StoredType, _ numbers: ArraySlice<Float>) -> Float {
    let largest = numbers.reduce(0) { max($0, abs($1)) }
    switch type {
    // Half a step, and the rounding of the scale.
    case .q8_0: return largest * (1 / 254 + 0x1p-11)
    case .float16: return largest * 0x1p-11 + 0x1p-25
    case .bfloat16: return largest * 0x1p-8
    // Gemma's norms are stored with 1 added.
    default: return largest * 0x1p-23 + 0x1p-24
    }
  }

  /// Merges, and compares every weight of the file with that of the merged model in memory.
  private func check(
    _ adapter: Adapter, _ encoding: GGUFEncoding, _ title: String, of source: URL? = nil,
    _ more: (URL, MergeProof) throws -> Void = { _, _ in }
  ) throws {
    let expected = try adapter.base.merging(adapter)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "merged.gguf")
      let proof = try adapter.saveMerged(
        toGGUF: url, as: encoding, metadataOf: source, provenOn: [Self.ids], limits: Self.wide)
      let written = try Model(from: url, precision: .float32, engine: engine)
      let parameters = expected.architecture.parameters
      #expect(written.architecture.parameters.map(\.path) == parameters.map(\.path), "\(title)")
      for (own, parameter) in zip(written.architecture.parameters, parameters) {
        let stored = try #require(
          written.folder?.tensor(of: parameter.path, prefix: "model."), "\(parameter)")
        let isMatrix = parameter.shape.rank == 2
        let type = isMatrix ? StoredType(rawValue: encoding.rawValue) : .float32
        #expect(stored.type == type, "\(title): \(parameter)")
        let found = engine.floats(written.store[own])
        let wanted = engine.floats(expected.store[parameter])
        for start in stride(from: 0, to: wanted.count, by: isMatrix ? 32 : wanted.count) {
          let block = start..<min(start + 32, wanted.count)
          let most = slack(stored.type, wanted[block])
          let distance = block.reduce(0) { max($0, abs(found[$1] - wanted[$1])) }
          guard distance <= most else {
            Issue.record("\(title): \(parameter) differs by \(distance), allowed \(most)")
            break
          }
        }
      }
      try more(url, proof)
    }
  }

  @Test(arguments: files, GGUFEncoding.allCases)
  func `writes the weights of the merged model, rounded once`(
    _ name: String, _ encoding: GGUFEncoding
  ) throws {
    let adapter = try moved(base(name))
    try check(adapter, encoding, "\(name) as \(encoding.rawValue)") { url, proof in
      let times: Double = encoding == .q8 ? 10 : 100
      #expect(proof.check.effect > times * proof.check.divergence, "\(name) \(proof.check)")
      // All metadata are those of the base, which may be in parts; the file is one.
      let file = try GGUFFile(at: url)
      let own = name.hasPrefix("llama-0") ? "llama" : name
      let source = try GGUFFile(at: Self.folder.appending(path: own + ".gguf"))
      let types = ["general.file_type", "general.quantization_version", "lowrank.merge"]
      #expect(
        file.entries.filter { !types.contains($0.key.text) }
          == source.entries.filter { !types.contains($0.key.text) })
      let numbers: [GGUFEncoding: UInt64] = [.float16: 1, .bfloat16: 32, .q8: 7]
      #expect(file["general.file_type"] == numbers[encoding].map { .unsigned($0) })
      #expect(file["general.quantization_version"] == .unsigned(2))
      #expect(file.tensors.count == source.tensors.count)
      if !name.hasPrefix("llama-0") {
        #expect(file.tensors.map(\.name) == source.tensors.map(\.name))
      }
    }
  }

  @Test func `copies what an adapter leaves as it is`() throws {
    try check(moved(base("llama"), .named("q_proj")), .q8, "q_proj alone") { url, _ in
      let source = try GGUFFile(at: Self.folder.appending(path: "llama.gguf"))
      let file = try GGUFFile(at: url)
      for (old, new) in zip(source.tensors, file.tensors) where old.type == new.type {
        #expect(
          old.borrowedBytes.elementsEqual(new.borrowedBytes) == !old.name.text.contains("attn_q."),
          "\(old.name)")
      }
    }
  }

  @Test func `takes tables, heads, whole modules, rows of tokens and DoRA`() throws {
    for name in ["llama", "gemma3"] {
      let base = try base(name)
      try check(
        moved(base, .named("q_proj"), saving: ["up_proj", "norm"]), .bfloat16, "whole modules")
      try check(
        moved(base, .named("q_proj"), tokens: .embeddings([3, 260])), .float16, "rows of tokens")
      try check(moved(base, .allLinear, magnitude: true), .float16, "DoRA")
    }
    try check(
      moved(base("llama"), .named("embed_tokens", "lm_head")), .bfloat16, "a table and a head")
    // A head that is no longer tied becomes a tensor of its own.
    try check(moved(base("gemma3"), .named("embed_tokens", "q_proj")), .q8, "untied") {
      url, proof in
      let last = try GGUFFile(at: url).tensors.last
      #expect(last?.name == "output.weight")
      #expect(proof.notes.contains { $0.contains("no longer tied") })
    }
  }

  @Test func `takes the metadata of a GGUF file for a base in a folder`() throws {
    for name in ["llama", "gemma3"] {
      let model = try Model(
        from: Self.folder.appending(path: name), precision: .float32, engine: engine)
      let source = Self.folder.appending(path: name + ".gguf")
      try check(moved(model), .bfloat16, "the folder \(name)", of: source)
    }
    let model = try Model(
      from: Self.folder.appending(path: "llama"), precision: .float32, engine: engine)
    let other = Self.folder.appending(path: "mistral.gguf")
    try withTemporaryFolder { folder in
      let refusal = message {
        try moved(model).saveMerged(
          toGGUF: folder.appending(path: "m.gguf"), as: .float16, metadataOf: other,
          provenOn: [Self.ids])
      }
      #expect(refusal.contains("mistral.gguf: the file is of another model than"), "\(refusal)")
    }
  }

  @Test func `refuses what a GGUF file cannot hold, and leaves nothing`() throws {
    let base = try base("llama")
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "m.gguf")
      func refusal(_ adapter: Adapter, _ limits: MergeLimits = Self.wide) -> String {
        message {
          try adapter.saveMerged(
            toGGUF: url, as: .float16, provenOn: [Self.ids], limits: limits)
        }
      }
      let large = try moved(base, .named("q_proj"), saving: ["up_proj"])
      var beyond = large
      let up = try #require(large.replacements.first { $0.key.contains("up_proj") }?.value)
      beyond.values[up] = engine.filled(70_000, up.shape)
      #expect(
        refusal(beyond).contains("F16 cannot hold the number 70000.0 in blk."), "\(refusal(beyond))"
      )
      beyond.values[up] = engine.filled(.infinity, up.shape)
      #expect(refusal(beyond).contains("not finite"), "\(refusal(beyond))")
      let grown = base.extendingVocabulary(to: base.architecture.vocabularySize + 2)
      #expect(
        refusal(try moved(grown, .named("q_proj"))).contains(
          "llama.gguf, which gguf copies, cannot hold 2 rows that the adapter adds"))
      #expect(
        refusal(try moved(base), MergeLimits(divergence: 1e-12)).contains("so nothing was written"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func `replaces no file unless asked, and no part of the base in any case`() throws {
    try withTemporaryFolder { folder in
      let names = (1...3).map { "llama-0000\($0)-of-00003.gguf" }
      for name in names {
        try FileManager.default.copyItem(
          at: Self.folder.appending(path: name), to: folder.appending(path: name))
      }
      let base = try Model(
        from: folder.appending(path: names[1]), precision: .float32, engine: engine)
      let adapter = try moved(base, .named("q_proj"))
      func save(_ name: String, overwrite: Bool) throws {
        _ = try adapter.saveMerged(
          toGGUF: folder.appending(path: name), overwrite: overwrite, as: .float16,
          provenOn: [Self.ids], limits: Self.wide)
      }
      for name in names {
        let before = try Data(contentsOf: folder.appending(path: name))
        #expect(throws: GGUFError.self) { try save(name, overwrite: true) }
        #expect(try Data(contentsOf: folder.appending(path: name)) == before)
      }
      try save("m.gguf", overwrite: false)
      #expect(throws: PublishingError.self) { try save("m.gguf", overwrite: false) }
      try save("m.gguf", overwrite: true)
    }
  }

  @Test func `does not take the adapter once more`() throws {
    let base = try base("llama")
    try withTemporaryFolder { folder in
      let (url, place) = (folder.appending(path: "m.gguf"), folder.appending(path: "adapter"))
      let adapter = try moved(base, .named("q_proj"))
      try adapter.save(to: place.path)
      _ = try adapter.saveMerged(
        toGGUF: url, as: .bfloat16, provenOn: [Self.ids], limits: Self.wide)
      let merged = try Model(from: url, precision: .float32, engine: engine)
      #expect(message { try Adapter(from: place, on: merged) }.contains("[check: fingerprint]"))
    }
  }
}
