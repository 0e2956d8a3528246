import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// An adapter on packed weights computes what it does on the same numbers in F32.
@Suite struct `An adapter on a packed base` {
  static let methods: [(name: String, method: any Method, ranks: PatternRanks)] = [
    ("LoRA", LoRA(), PatternRanks(rank: 3, alpha: 4)),
    ("LoRA with dropout", LoRA(dropout: 0.3), PatternRanks(rank: 3, alpha: 4)),
    ("rsLoRA", LoRA(), PatternRanks(rank: 3, alpha: 4, isRankStabilized: true)),
    ("DoRA", LoRA(hasMagnitude: true), PatternRanks(rank: 3, alpha: 4)),
    (
      "DoRA with dropout", LoRA(dropout: 0.3, hasMagnitude: true), PatternRanks(rank: 3, alpha: 4)
    ),
    ("PiSSA", LoRA(start: PiSSAStart()), PatternRanks(rank: 3, alpha: 4)),
    (
      "fast PiSSA under DoRA", LoRA(start: PiSSAStart(iterations: 4), hasMagnitude: true),
      PatternRanks(rank: 3, alpha: 4)
    ),
    ("MiLoRA", LoRA(start: MiLoRAStart()), PatternRanks(rank: 3, alpha: 4)),
    ("OLoRA", LoRA(start: OLoRAStart()), PatternRanks(rank: 3, alpha: 4)),
    ("HiRA", HiRA(), PatternRanks(rank: 3, alpha: 4)),
    ("HiRA with dropout", HiRA(dropout: 0.3), PatternRanks(rank: 3, alpha: 4)),
    ("LoHa", LoHa(), PatternRanks(rank: 3, alpha: 4)),
    ("LoKr", LoKr(decomposesBoth: true), PatternRanks(rank: 1, alpha: 4)),
    ("VeRA with dropout", VeRA(dropout: 0.3), PatternRanks(rank: 3)),
    ("RandLoRA", RandLoRA(), PatternRanks(rank: 8, alpha: 1)),
    ("MoRA", MoRA(), PatternRanks(rank: 3)),
    ("the form of AdaLoRA", SVDLoRA(), PatternRanks(rank: 3, alpha: 4)),
  ]
  static let ids: [Int32] = [1, 3, 40, 100, 50, 260, 2, 17]

  @Test(arguments: ["llama", "gemma3", "phi3"], 0..<methods.count)
  func `has the logits, gradients and merged weights of a dense one`(
    _ name: String, _ index: Int
  ) throws {
    let (title, method, ranks) = Self.methods[index]
    try check(title, AdapterConfiguration(target: .allLinear, method: method, ranks: ranks), name)
  }

  @Test(arguments: [false, true])
  func `also of tables and heads`(hasMagnitude: Bool) throws {
    let method = LoRA(hasMagnitude: hasMagnitude)
    let ranks = PatternRanks(rank: 2, alpha: 3)
    try check(
      "tables",
      AdapterConfiguration(
        target: .named("embed_tokens", "lm_head"), method: method, ranks: ranks), "llama")
    try check(
      "a tied table",
      AdapterConfiguration(
        target: .named("embed_tokens", "q_proj"), method: method, ranks: ranks), "gemma3")
  }

  @Test func `also of slices, rows of tokens and whole modules`() throws {
    let ranks = PatternRanks(rank: 2, alpha: 3)
    try check("slices", AdapterConfiguration(target: .queryValue, ranks: ranks), "phi3")
    try check(
      "whole modules",
      AdapterConfiguration(
        target: .named("q_proj"), ranks: ranks, modulesToSave: ["lm_head", "up_proj"]), "llama")
    for base in ["llama", "gemma3"] {
      try check(
        "rows",
        AdapterConfiguration(
          target: .named("q_proj"), ranks: ranks, trainedTokens: .embeddings([3, 260])), base)
    }
  }

  private func check(
    _ title: String, _ configuration: AdapterConfiguration, _ name: String
  ) throws {
    let engine = CPUEngine()
    let file = AdapterFixture.models.appending(path: "gguf/\(name).gguf")
    let packed = try Model(from: file, precision: .float32, engine: engine)
    #expect(packed.architecture.parameters.contains { packed.store[$0].type.isPacked })
    var dense = packed
    for parameter in packed.architecture.parameters {
      dense.store[parameter] = engine.converted(packed.store[parameter], to: .float32)
    }
    let (mine, expected) = (
      try moved(configuration, on: packed), try moved(configuration, on: dense)
    )
    func differ(_ a: [Float], _ b: [Float], _ what: String, within tolerance: Double = 1e-5) {
      #expect(
        a.count == b.count
          && relativeDistance(a.map(Double.init), from: b.map(Double.init)) < tolerance,
        "\(title) on \(name): \(what)")
    }
    let fresh = try Adapter(on: packed, tolerating: configuration, seed: 4)
    differ(logits(fresh), engine.floats(packed.logits(Self.ids)), "a fresh adapter is silent")
    differ(logits(mine), logits(expected), "logits")
    let (gradients, others) = (self.gradients(mine), self.gradients(expected))
    for (own, other) in zip(mine.trainable, expected.trainable) {
      let (found, wanted) = (gradients[own] ?? [], others[other] ?? [])
      guard wanted.contains(where: { abs($0) > 1e-6 }) else { continue }
      differ(found, wanted, "the gradient of \(own)", within: 1e-4)
    }
    let merged = try packed.merging(mine)
    differ(engine.floats(merged.logits(Self.ids)), logits(mine), "merged")
    for parameter in packed.architecture.parameters {
      #expect(
        packed.store[parameter].type == dense.store[parameter].type
          || packed.store[parameter].type.isPacked, "merging left the base packed")
    }
  }

  /// An adapter with every trained number moved from where it started.
  private func moved(_ configuration: AdapterConfiguration, on base: Model) throws -> Adapter {
    var adapter = try Adapter(on: base, tolerating: configuration, seed: 4)
    var random = Philox(key: 7, stream: 2)
    for parameter in adapter.trainable {
      let numbers = base.engine.floats(adapter.values[parameter]).map {
        $0 + 0.1 * Float(random.normal())
      }
      adapter.values[parameter] = base.engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return adapter
  }

  private func logits(_ adapter: Adapter) -> [Float] {
    adapter.base.engine.floats(adapter.model.logits(Self.ids, adapters: adapter.selection))
  }

  private func gradients(_ adapter: Adapter) -> [Parameter: [Float]] {
    let (model, engine) = (adapter.model, adapter.base.engine)
    let tape = Tape(on: engine)
    for parameter in adapter.trainable { tape.watch(adapter.values[parameter], as: parameter) }
    let count = Self.ids.count
    let losses = model.causal.losses(
      engine.tensor(Self.ids, [count]), rows: (0..<Int32(count - 1)).map(\.self),
      labels: Array(Self.ids.dropFirst()),
      model.pass(
        PackedRows(lengths: [count]), tape: tape, adapters: adapter.selection,
        random: RandomKey(seed: 1, step: 1)))
    return tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
      .mapValues { engine.floats($0) }
  }
}
