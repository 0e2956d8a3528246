import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of RandLoRA` {
  @Test(
    arguments: [
      RandLoRA(filling: .sparse, key: 3), RandLoRA(savesProjection: false, dropout: 0.3),
    ], [2, 3])
  func `keeps its laws`(method: RandLoRA, rank: Int) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: rank, alpha: 3))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `saves what maps share under each of them too, as PEFT does`() throws {
    let adapter = try Adapter(
      on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj", "k_proj"),
      update: AdapterUpdate(RandLoRA(), PatternRanks(rank: 3)))
    let tensors = adapter.storedTensors()
    // Of 12 outputs and 8 inputs, three products of rank 3 are of full rank; four inputs need two.
    let shared = tensors.filter { $0.name.hasSuffix("randlora_B") }
    #expect(shared.count == 1 + 4 && Set(shared.map(\.shape)) == [[12, 3, 3]])
    let own = tensors.filter { $0.name.hasSuffix("k_proj.randlora_gamma") }
    #expect(own.map(\.shape) == [[2, 4], [2, 4]])
    #expect(adapter.parameterCount == 2 * (3 * (3 + 8) + 2 * (3 + 4)))
  }

  @Test func `refuses a filling of which nothing is left`() throws {
    // The first two of torch's numbers of this seed are neither small nor large.
    var key = 0
    while !(try isEmpty(key)) { key += 1 }
    #expect {
      try adapter(key)
    } throws: {
      "\($0)".hasPrefix("the filling of randlora is very_sparse, expected a denser one")
    }
  }

  private func isEmpty(_ key: Int) throws -> Bool {
    do {
      _ = try adapter(key)
      return false
    } catch AdapterError.invalid { return true }
  }

  private func adapter(_ key: Int) throws -> Adapter {
    let model = try TinyModels.llama(
      on: CPUEngine(),
      changing: ["hidden_size": 2, "intermediate_size": 4, "num_attention_heads": 1])
    return try Adapter(
      on: model, targets: .named("up_proj"),
      update: AdapterUpdate(RandLoRA(filling: .verySparse, key: key), PatternRanks(rank: 1)))
  }
}
