import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of LoKr` {
  @Test(arguments: [
    LoKr(decomposesBoth: true), LoKr(decomposesBoth: true, factor: 4), LoKr(factor: 2),
  ])
  func `keeps every law, whatever is divided how`(method: LoKr) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: 1, alpha: 3))
    #expect(report.violations.isEmpty, "\(report)")
    #expect(report.checked == Set(Law.allCases))
  }

  /// As PEFT's `factorization` has it.
  @Test(arguments: [
    (256, -1, 16, 16), (128, -1, 8, 16), (127, -1, 1, 127), (128, 4, 4, 32), (12, 8, 3, 4),
    (12, 6, 6, 2), (640, -1, 20, 32), (2048, -1, 32, 64), (640, 7, 5, 128), (1, -1, 1, 1),
    (9, 0, 1, 9),
  ])
  func `divides a number as PEFT does`(number: Int, factor: Int, first: Int, second: Int) throws {
    // A map of as many inputs as outputs has C [first, first].
    let model = try TinyModels.llama(
      on: CPUEngine(),
      changing: [
        "intermediate_size": .integer(number), "hidden_size": 8, "num_hidden_layers": 1,
      ])
    let adapter = try Adapter(
      on: model, targets: .named("gate_proj"),
      update: AdapterUpdate(LoKr(factor: factor), PatternRanks(rank: 1 << 12)))
    let shapes = adapter.trainable.map(\.shape)
    #expect(shapes[0][0] == first && shapes[1][0] == second, "\(shapes)")
  }

  @Test(arguments: [false, true])
  func `merges the Kronecker product of its two matrices`(decomposesBoth: Bool) throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    var adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: AdapterUpdate(LoKr(decomposesBoth: decomposesBoth), PatternRanks(rank: 1, alpha: 3)))
    var random = Philox(key: 3)
    for parameter in adapter.trainable {
      adapter.values[parameter] = model.engine.tensor(
        (0..<parameter.shape.count).map { _ in random.normal() }, parameter.shape)
    }
    let merged = try model.merging(adapter)
    let (site, own) = (adapter.sites[0], adapter.updates[0].parameters)
    let (before, after) = (
      model.engine.doubles(site.map.dense(model.store, model.engine)),
      merged.engine.doubles(site.map.dense(merged.store, merged.engine))
    )
    // 12 outputs are 3 · 4, 8 inputs are 2 · 4.
    func matrix(_ first: Int, isFactored: Bool, columns: Int) -> [[Double]] {
      let numbers = { model.engine.doubles(adapter.values[own[$0]]) }
      let a = numbers(first)
      guard isFactored else {
        return stride(from: 0, to: a.count, by: columns).map { Array(a[$0..<$0 + columns]) }
      }
      let b = numbers(first + 1)
      return a.map { row in b.map { row * $0 } }
    }
    let outer = matrix(0, isFactored: decomposesBoth, columns: 2)
    let inner = matrix(decomposesBoth ? 2 : 1, isFactored: true, columns: 4)
    #expect(outer.count == 3 && inner.count == 4)
    for row in 0..<12 {
      for column in 0..<8 {
        let expected = 3 * outer[row / 4][column / 4] * inner[row % 4][column % 4]
        let found = after[row * 8 + column] - before[row * 8 + column]
        #expect(abs(found - expected) < 1e-9, "[\(row), \(column)]")
      }
    }
  }

  @Test func `is refused on what PEFT's LOKR cannot hold`() throws {
    #expect {
      try Adapter(
        on: TinyModels.gpt2(on: CPUEngine()), targets: .allLinear,
        update: AdapterUpdate(LoKr(), PatternRanks(rank: 2)))
    } throws: {
      "\($0)".hasSuffix(
        "but PEFT's LOKR cannot adapt a Conv1D, which GPT-2 is made of; narrow the target or exclude it"
      )
    }
  }
}
