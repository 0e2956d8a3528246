import LowRankAdapters
import LowRankCompression
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `The importance of components` {
  private let base: Model
  private let modules: [MadeAdapter.Module]
  private let rows: ExampleSet

  init() throws {
    base = try TinyModels.llama(on: CPUEngine())
    modules = (0..<2).map { layer in
      MadeAdapter.Module(
        path: "model.layers.\(layer).self_attn.q_proj",
        up: noise(8, 3, seed: UInt64(layer + 1)) * 0.3,
        down: noise(3, 8, seed: UInt64(layer + 7)) * 0.5)
    }
    rows = Self.set([[1, 5, 3, 2, 7], [4, 4, 6, 1], [2, 3, 9, 8, 1, 5]])
  }

  private static func set(_ rows: [[Int32]]) -> ExampleSet {
    ExampleSet(
      rows.map { Example(ids: $0, trained: [1..<$0.count]) }, source: "rows")
  }

  private func loss(_ modules: [MadeAdapter.Module], _ rows: ExampleSet) throws -> Double {
    let made = try MadeAdapter(modules)
    let adapter = try Adapter(from: made.url, on: base)
    return Evaluation(adapter.model, adapters: adapter.selection, on: rows).loss
  }

  private func importance(
    _ score: ImportanceScore, _ rows: ExampleSet
  ) throws -> ComponentImportance {
    try ComponentImportance(
      MadeAdapter(modules).stored(), on: base, data: rows, rows: 99, by: score)
  }

  /// A module whose component is larger by a share of itself.
  private func scaled(
    _ module: MadeAdapter.Module, _ component: Int, by share: Double
  ) throws -> MadeAdapter.Module {
    let update = try UpdateDecomposition(path: "", up: module.up, down: module.down)
    let (balanced, down) = update.balancedFactors
    var up = balanced
    for row in 0..<up.rows { up[row, component] *= 1 + share }
    return MadeAdapter.Module(path: module.path, up: up, down: down, scale: module.scale)
  }

  @Test func `by Taylor is the slope of the loss, as central differences have it`() throws {
    let found = try importance(.taylor, rows)
    for (place, module) in modules.enumerated() {
      let scores = try #require(found.scores(of: module.path))
      for component in 0..<3 {
        var same = modules
        same[place] = try scaled(module, component, by: 0)
        #expect(try abs(loss(same, rows) - loss(modules, rows)) < 1e-5)
        func slope(_ step: Double) throws -> Double {
          let losses = try [step, -step].map { share in
            var changed = modules
            changed[place] = try scaled(module, component, by: share)
            return try loss(changed, rows)
          }
          return (losses[0] - losses[1]) / (2 * step)
        }
        // Richardson's extrapolation: the error is of the fourth order in the step.
        let (coarse, fine) = (try slope(0.02), try slope(0.01))
        let expected = abs((4 * fine - coarse) / 3)
        #expect(
          abs(scores[component] - expected) < 0.01 * expected + 1e-4,
          "component \(component) of \(module.path): \(scores[component]), slopes \(coarse), \(fine)"
        )
      }
    }
  }

  @Test func `by Fisher adds up the squares of rows`() throws {
    let tokens = rows.examples.map { Double($0.ids.count - 1) }
    let all = try importance(.fisher, rows)
    #expect(Double(all.tokens) == tokens.reduce(0, +))
    for module in modules {
      var sums = [0.0, 0, 0]
      for (row, example) in rows.examples.enumerated() {
        let alone = try importance(.taylor, ExampleSet([example], source: "row"))
        for (component, score) in try #require(alone.scores(of: module.path)).enumerated() {
          let gate = score * tokens[row]
          sums[component] += gate * gate
        }
      }
      for (score, sum) in zip(try #require(all.scores(of: module.path)), sums) {
        let expected = sum / tokens.reduce(0, +)
        #expect(abs(score - expected) < 1e-5 * expected + 1e-12)
      }
    }
  }

  @Test func `decides which components are kept, not their size`() throws {
    let stored = try MadeAdapter(modules).stored()
    let found = try importance(.fisher, rows)
    let compression = try Compression(stored, weighedBy: found)
    let (draft, certificate) = try compression.keeping([1, 2])
    for (index, rank) in [1, 2].enumerated() {
      let (module, kept) = (modules[index], draft.modules[index])
      let scores = try #require(found.scores(of: module.path))
      let best = Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(rank))
      let update = try UpdateDecomposition(
        path: "", up: module.up, down: module.down, scale: module.scale)
      var expected = HostMatrix<Double>(zeros: 8, 8)
      for component in best {
        for row in 0..<8 {
          for column in 0..<8 {
            expected[row, column] +=
              update.left[row, component] * update.values[component]
              * update.right[component, column]
          }
        }
      }
      let up = HostMatrix(try kept.up.values().map(Double.init), rows: 8, columns: rank)
      let down = HostMatrix(try kept.down.values().map(Double.init), rows: rank, columns: 8)
      let rest = up.multiplied(by: down) * kept.scale - expected
      #expect(rest.frobeniusNorm < 1e-5 * expected.frobeniusNorm)
      let lost = update.values.indices.filter { !best.contains($0) }
        .reduce(0) { $0 + update.values[$1] * update.values[$1] }
      #expect(abs(certificate.modules[index].discardedEnergy - lost) < 1e-6 * update.energy)
    }
  }

  @Test func `heals at fixed ranks, and lowers the loss of the rows that it sees`() throws {
    let stored = try MadeAdapter(modules).stored()
    let (draft, _) = try Compression(stored).keeping([1, 2])
    let healing = try Healing(
      draft, on: base, data: rows, steps: 40, learningRate: 0.02, batchSize: 3)
    defer { healing.end() }
    #expect(healing.steps == 40 && healing.losses.last < healing.losses.first)
    #expect(healing.adapter.modules.map(\.rank) == [1, 2])
    let healed = try Adapter(from: healing.adapter.url, on: base)
    let before = try loss(
      draft.modules.map { module in
        let rank = module.up.shape[1]
        return MadeAdapter.Module(
          path: module.path,
          up: HostMatrix(try module.up.values().map(Double.init), rows: 8, columns: rank),
          down: HostMatrix(try module.down.values().map(Double.init), rows: rank, columns: 8),
          scale: module.scale)
      }, rows)
    #expect(Evaluation(healed.model, adapters: healed.selection, on: rows).loss < before - 0.01)
  }
}
