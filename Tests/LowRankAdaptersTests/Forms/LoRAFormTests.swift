import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `The form of an update as plain LoRA` {
  @Test func `is exact for sums of terms, and else the best approximation`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    for (method, isExact, rank) in [
      (LoHa() as any Method, true, 4), (VeRA(), true, 2), (SVDLoRA(), true, 2),
      (LoTR(), true, 2), (LoKr(), false, 8), (MoRA(), false, 8),
    ] {
      let adapter = try MovedAdapter.made(method, on: model, targets: .named("up_proj"))
      let form = try adapter.form(of: 0)
      #expect(form.isExact == isExact, "\(method.name)")
      #expect(form.rank <= rank && form.energy == nil && form.discardedEnergy == 0)
      #expect(
        relativeDistance(form.product, from: adapter.delta(of: 0)) < 1e-6, "\(method.name)")
    }
  }

  @Test(arguments: [LoKr() as any Method, LoHa(), HiRA(), LoRA(), RandLoRA()])
  func `loses what the remaining singular values hold where it is cut`(method: any Method) throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try MovedAdapter.made(method, on: model, targets: .named("up_proj"), rank: 3)
    let delta = HostMatrix(adapter.delta(of: 0), rows: 12, columns: 8)
    let values = try SingularValueDecomposition(delta).values
    let form = try adapter.form(of: 0, atMost: 2)
    let lost = values.dropFirst(2).reduce(0) { $0 + $1 * $1 }
    #expect(form.rank == 2 && !form.isExact)
    #expect(abs(form.discardedEnergy / lost - 1) < 1e-5)
    let energy = try #require(form.energy)
    #expect(abs(energy / values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    let rest = zip(form.product, delta.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(abs(rest / lost - 1) < 1e-4)
  }

  @Test func `of an offset start is that of what training changed`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let fresh = try Adapter(
      on: model, targets: .named("up_proj"), update: .lora(rank: 2, start: PiSSAStart()))
    #expect(try fresh.form(of: 0).product.allSatisfy { $0 == 0 })
    let moved = MovedAdapter.moved(fresh)
    #expect(relativeDistance(try moved.form(of: 0).product, from: moved.delta(of: 0)) < 1e-6)
  }

  @Test func `of DoRA has the magnitudes beside it`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try MovedAdapter.made(
      LoRA(hasMagnitude: true), on: model, targets: .named("up_proj"))
    #expect(try adapter.form(of: 0).magnitude?.count == 12)
  }
}

@Suite struct `A folder of a type that holds no factors` {
  @Test(arguments: [LoHa() as any Method, LoKr(), SVDLoRA(), VeRA(), RandLoRA(), MoRA()])
  func `is opened as the LoRA that it equals, without its base`(method: any Method) throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try MovedAdapter.made(method, on: model)
    try MovedAdapter.saved(adapter) { folder in
      let stored = try StoredAdapter(at: folder)
      #expect(stored.modules.count == adapter.sites.count && stored.others.isEmpty)
      #expect(stored.config["peft_type"] == "LORA")
      let deltas = Dictionary(
        uniqueKeysWithValues: adapter.sites.indices.map {
          (adapter.sites[$0].path, adapter.delta(of: $0))
        })
      for module in stored.modules {
        let product = try module.upMatrix().multiplied(by: module.downMatrix())
        let expected = try #require(deltas[module.path])
        #expect(
          relativeDistance(product.elements.map { module.scale * $0 }, from: expected) < 1e-5,
          "\(method.name) \(module.path)")
      }
    }
  }

  @Test func `needs its base where the update does`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    try MovedAdapter.saved(try MovedAdapter.made(HiRA(), on: model)) { folder in
      #expect {
        try StoredAdapter(at: folder)
      } throws: {
        "\($0)".contains("of type HIRA depends on the weights of its base")
          && "\($0)".contains("model")
      }
    }
  }
}
