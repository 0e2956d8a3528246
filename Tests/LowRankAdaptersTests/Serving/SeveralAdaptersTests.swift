import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `Several adapters on one base` {
  private let base: Model
  private let adapters: [Adapter]
  private let sequences: [[Int32]] = [[3, 1, 4], [10, 5, 9, 2, 6], [5, 3], [7, 1, 8, 2]]

  init() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    self.base = base
    adapters = try [
      ("one", Target.queryValue, AdapterUpdate.lora(rank: 1, start: NonzeroStart())),
      ("two", .allLinear, .lora(rank: 4, alpha: 3, start: NonzeroStart())),
      ("three", .named("embed_tokens", "up_proj"), .dora(rank: 3, start: NonzeroStart())),
    ].map { name, target, update in
      var adapter = try Adapter(
        on: base, name: AdapterName(name), targets: target, update: update)
      for parameter in adapter.trainable {
        let start = adapter.values[parameter]
        adapter.values[parameter] = base.engine.sum(start, base.engine.filled(0.1, start.shape))
      }
      return adapter
    }
  }

  @Test func `mixed in one batch by rows do what each does alone`() throws {
    let model = base.adapted(by: adapters)
    let rows = PackedRows(lengths: sequences.map(\.count))
    let ids = sequences.flatMap { $0 }
    // The last sequence has no adapter.
    let selection = AdapterSelection.mixed(
      zip(adapters, rows.segments).map { (name: $0.name, rows: $1) })
    let mixed = model.causal.logits(
      model.engine.tensor(ids, [ids.count]), model.pass(rows, adapters: selection))
    let alone = zip(sequences, adapters.map(\.selection) + [.none]).flatMap { ids, selection in
      model.engine.floats(model.logits(ids, adapters: selection))
    }
    #expect(distance(model.engine.floats(mixed), alone) < 1e-5)
    #expect(distance(model.engine.floats(base.logits(sequences[1])), logits(1, in: model)) > 1e-2)
  }

  @Test func `are switched without copying a number`() throws {
    let model = base.adapted(by: adapters)
    for parameter in base.architecture.parameters {
      #expect(model.store[parameter].storage === base.store[parameter].storage)
    }
    for adapter in adapters {
      for parameter in adapter.trainable {
        #expect(model.store[parameter].storage === adapter.values[parameter].storage)
      }
    }
  }

  @Test func `leave the base alone where none is selected`() throws {
    let model = base.adapted(by: adapters)
    for ids in sequences {
      #expect(model.engine.floats(model.logits(ids)) == base.engine.floats(base.logits(ids)))
    }
  }

  private func logits(_ index: Int, in model: Model) -> [Float] {
    model.engine.floats(model.logits(sequences[index], adapters: adapters[index].selection))
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }
}
