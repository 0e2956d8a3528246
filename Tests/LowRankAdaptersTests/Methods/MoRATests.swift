import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of MoRA` {
  @Test(arguments: [MoRA(folding: .sharing), MoRA(folding: .rotating, dropout: 0.3)], [1, 2])
  func `keeps its laws`(method: MoRA, rank: Int) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: rank))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `has a square matrix of about as many numbers as LoRA's factors`() throws {
    func shape(_ method: MoRA) throws -> Shape {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj"),
        update: AdapterUpdate(method, PatternRanks(rank: 4))
      ).trainable[0].shape
    }
    #expect(try shape(MoRA(folding: .sharing)) == [9, 9])
    #expect(try shape(MoRA(folding: .rotating)) == [8, 8])
  }

  @Test func `is refused where its matrix would be as large as the weight`() throws {
    #expect {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj"),
        update: AdapterUpdate(MoRA(), PatternRanks(rank: 5)))
    } throws: {
      "\($0)"
        == "rank is 5 for model.layers.0.mlp.up_proj, expected at most 4, with which the matrix of the method mora is as large as the weight"
    }
  }
}
