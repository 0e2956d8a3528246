import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A merged model` {
  @Test(arguments: AdapterFixture.all)
  func `has the logits of PEFT's adapter on its base`(_ fixture: AdapterFixture) throws {
    let adapter = try fixture.adapter()
    let merged = try adapter.base.merging(adapter)
    #expect(try fixture.largestDifference(of: merged) < 1e-4)
    let check = MergeCheck(merged, adapter, on: [try fixture.ids()])
    #expect(check.tokens == (merged.classifier == nil ? 16 : 1))
    #expect(check.largestDifference < 1e-4 && abs(check.divergence) < 1e-6, "\(check)")
  }

  @Test(arguments: AdapterFixture.all)
  func `is the same after saving and loading`(_ fixture: AdapterFixture) throws {
    let adapter = try fixture.adapter()
    let merged = try adapter.base.merging(adapter)
    try withTemporaryFolder { folder in
      try merged.save(to: folder)
      let loaded = try Model(from: folder, precision: .float32, engine: CPUEngine())
      #expect(try fixture.largestDifference(of: loaded) < 1e-4)
      #expect(loaded.notes.isEmpty)
    }
  }

  @Test func `shows how far it is from another adapter`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let adapter = try Adapter(
      on: base, targets: .allLinear, update: .lora(rank: 2, start: NonzeroStart()))
    let check = MergeCheck(base, adapter, on: [[1, 2, 3], [4]])
    #expect(check.tokens == 4)
    #expect(check.largestDifference > 0.1 && check.divergence > 1e-3)
  }

  @Test func `of bfloat16 weights has bfloat16 weights`() throws {
    let fixture = AdapterFixture(name: "llama2-default")
    let base = try Model(
      from: fixture.baseFolder, precision: .bfloat16, engine: CPUEngine())
    let merged = try base.merging(try Adapter(from: fixture.folder, on: base))
    for parameter in base.architecture.parameters {
      #expect(merged.store[parameter].type == base.store[parameter].type)
    }
    #expect(try fixture.largestDifference(of: merged) < 0.2)
  }

  @Test func `with a number that is not finite is refused`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    var adapter = try Adapter(on: base, targets: .named("up_proj"), update: .lora(rank: 1))
    for parameter in adapter.trainable {
      adapter.values[parameter] = base.engine.filled(.greatestFiniteMagnitude, parameter.shape)
    }
    #expect(
      message { try base.merging(adapter) }
        == "the merged model: the tensor model.layers.0.mlp.up_proj.weight holds a number that is not finite"
    )
  }
}
