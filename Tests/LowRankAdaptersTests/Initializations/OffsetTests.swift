import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A frozen offset` {
  private static let ids: [Int32] = [3, 1, 4, 10, 5, 9, 2]

  private func logits(_ adapter: Adapter) -> [Float] {
    adapter.base.engine.floats(adapter.model.logits(Self.ids, adapters: adapter.selection))
  }

  @Test(arguments: [false, true], ["GPT-2", "Llama"])
  func `leaves a fresh adapter what it is without one in bf16, bit for bit`(
    hasMagnitude: Bool, name: String
  ) throws {
    let engine = CPUEngine()
    let small = try name == "GPT-2" ? TinyModels.gpt2(on: engine) : TinyModels.llama(on: engine)
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try small.save(to: folder)
    let base = try Model(from: folder, precision: .bfloat16, engine: engine)
    // Query and value of GPT-2 are slices of one map.
    for target in [Target.queryValue, .allLinear] {
      func fresh(_ start: any Initialization) throws -> [Float] {
        logits(
          try Adapter(
            on: base, targets: target,
            update: AdapterUpdate(
              LoRA(start: start, hasMagnitude: hasMagnitude), PatternRanks(rank: 2, alpha: 3))))
      }
      // DoRA scales W x by 1, which rounds.
      let expected = try fresh(KaimingStart())
      if !hasMagnitude { #expect(expected == engine.floats(base.logits(Self.ids))) }
      for start in [PiSSAStart() as any Initialization, MiLoRAStart(), OLoRAStart()] {
        #expect(try fresh(start) == expected, "\(start)")
      }
    }
  }

  @Test func `is saved as the other half of a plain LoRA of twice the rank and alpha`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: .lora(rank: 2, alpha: 6, start: PiSSAStart()))
    let config = adapter.peftConfiguration
    #expect(config["r"] == 4 && config["lora_alpha"] == 12)
    #expect(config["init_lora_weights"] == true)
    for tensor in adapter.storedTensors() {
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      let isDown = tensor.name.hasSuffix("lora_A.weight")
      #expect(isDown ? rows == 4 : columns == 4)
      for row in 0..<rows {
        for column in 0..<columns {
          // [A; A₀] and [B, −B₀], as PEFT's conversion has them.
          let other = isDown ? (row + 2) % 4 * columns + column : row * 4 + (column + 2) % 4
          let value = tensor.values[row * columns + column]
          #expect(tensor.values[other] == (isDown ? value : -value))
        }
      }
    }
  }

  @Test func `is restored with zeros in its place until a state has it`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let start = RestoredStart(like: PiSSAStart())
    #expect(start.isOffset)
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"), update: .lora(rank: 2, start: start))
    let whole = try Adapter(
      on: model, targets: .named("up_proj"), update: .lora(rank: 2, start: PiSSAStart()))
    #expect(
      adapter.updates.flatMap(\.frozen).map(\.path) == whole.updates.flatMap(\.frozen).map(\.path))
    #expect(
      adapter.updates.flatMap(\.frozen).allSatisfy {
        model.engine.doubles(adapter.values[$0]).allSatisfy { $0 == 0 }
      })
  }

  /// PEFT subtracts the start from W itself, and then trains an ordinary pair: the frozen part reads the whole input.
  @Test(arguments: [false, true], [0, 0.4])
  func `computes what a base without the start and a plain pair do, with dropout too`(
    hasMagnitude: Bool, dropout: Double
  ) throws {
    let engine = ReferenceEngine()
    let base = try TinyModels.llama(on: engine)
    func adapter(_ start: any Initialization, on base: Model) throws -> Adapter {
      try Adapter(
        on: base, targets: .allLinear,
        update: AdapterUpdate(
          LoRA(start: start, dropout: dropout, hasMagnitude: hasMagnitude),
          PatternRanks(rank: 2, alpha: 3)), seed: 4)
    }
    var mine = try adapter(PiSSAStart(), on: base)
    var residual = base
    for (site, update) in zip(mine.sites, mine.updates) {
      let frozen = update.frozen
      let computation = Computation(engine: engine)
      site.map.replaceWeight(
        with: computation.adding(
          mine.values[frozen[1]], mine.values[frozen[0]], scale: -site.scale,
          to: site.map.dense(base.store, engine)),
        in: &residual.store, engine)
    }
    var plain = try adapter(NonzeroStart(), on: residual)
    #expect(plain.trainable.map(\.path) == mine.trainable.map(\.path))
    var random = Philox(key: 3)
    for (parameter, other) in zip(mine.trainable, plain.trainable) {
      let numbers = engine.floats(mine.values[parameter]).map {
        $0 + 0.1 * Float(random.normal())
      }
      mine.values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
      plain.values[other] = mine.values[parameter]
    }
    func logits(_ adapter: Adapter) -> [Double] {
      let model = adapter.model
      let pass = model.pass(
        PackedRows(lengths: [Self.ids.count]), adapters: adapter.selection,
        random: RandomKey(seed: 1, step: 1))
      return engine.doubles(
        model.causal.logits(engine.tensor(Self.ids, [Self.ids.count]), pass))
    }
    #expect(relativeDistance(logits(mine), from: logits(plain)) < 1e-6)
  }
}
