import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of HiRA` {
  /// Of a map that is stored outputs first, and of GPT-2's `Conv1D`, which is stored inputs first.
  @Test(arguments: [("llama", "up_proj"), ("gpt2", "c_fc")])
  func `merges the weight times one plus the product of its factors, element by element`(
    name: String, target: String
  ) throws {
    let engine = ReferenceEngine()
    let model = try name == "llama" ? TinyModels.llama(on: engine) : TinyModels.gpt2(on: engine)
    // HiRA has no scale: α changes nothing.
    var adapter = try Adapter(
      on: model, targets: .named(target),
      update: AdapterUpdate(HiRA(), PatternRanks(rank: 2, alpha: 7)))
    var random = Philox(key: 6)
    for parameter in adapter.trainable {
      adapter.values[parameter] = engine.tensor(
        (0..<parameter.shape.count).map { _ in random.normal() }, parameter.shape)
    }
    let merged = try model.merging(adapter)
    #expect(adapter.sites.count == 2)
    for (site, update) in zip(adapter.sites, adapter.updates) {
      let (rows, columns) = (site.map.outputs, site.map.inputs)
      #expect((rows, columns) == (12, 8))
      let down = try #require(update.parameters.first { $0.role == .down })
      let up = try #require(update.parameters.first { $0.role == .up })
      #expect(down.shape == [2, columns] && up.shape == [rows, 2])
      let (a, b) = (engine.doubles(adapter.values[down]), engine.doubles(adapter.values[up]))
      let before = engine.doubles(site.map.dense(model.store, engine))
      let after = engine.doubles(site.map.dense(merged.store, engine))
      for row in 0..<rows {
        for column in 0..<columns {
          let product = (0..<2).reduce(0) { $0 + b[row * 2 + $1] * a[$1 * columns + column] }
          let expected = before[row * columns + column] * (1 + product)
          #expect(
            abs(after[row * columns + column] - expected) < 1e-9,
            "\(site.path) [\(row), \(column)]")
        }
      }
    }
  }

  /// Where W is zero nothing is added, whatever the factors are; elsewhere the rank is above that of the factors.
  @Test func `has a higher rank than its factors`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try MovedAdapter.made(HiRA(), on: model, targets: .named("up_proj"), rank: 1)
    let delta = HostMatrix(adapter.delta(of: 0), rows: 12, columns: 8)
    let values = try SingularValueDecomposition(delta).values
    #expect(values.count == 8 && values[7] > 1e-6 * values[0], "\(values)")
  }
}
