import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Hidden states and logits that transformers 5.23 computed for tiny random encoders and classifiers;
/// Oracles/encoders_fixture.py made them.
@Suite struct `An encoder or classifier` {
  @Test(arguments: ModelFixture.encoders)
  func `has the hidden states and logits of transformers`(_ fixture: ModelFixture) throws {
    for config in fixture.configs {
      let model = try fixture.model(config: config, on: CPUEngine())
      for row in try fixture.rows() {
        let found = Found(of: [row], in: model)
        #expect(largestDifference(found.hidden, row.hidden) < 2e-4, "\(config) \(row.ids.count)")
        #expect(largestDifference(found.logits, row.logits) < 2e-4, "\(config) \(row.ids.count)")
      }
    }
  }

  @Test(arguments: ModelFixture.encoders)
  func `has the same logits where rows lie packed end to end`(_ fixture: ModelFixture) throws {
    let model = try fixture.model(on: CPUEngine())
    let rows = try fixture.rows()
    let found = Found(of: rows, in: model)
    #expect(largestDifference(found.hidden, rows.flatMap(\.hidden)) < 2e-4)
    #expect(largestDifference(found.logits, rows.flatMap(\.logits)) < 2e-4)
    // The logits without the hidden states of other rows, as training computes them.
    guard let classifier = model.classifier else { return }
    let logits = model.engine.floats(
      classifier.logits(found.ids, model.pass(packed(rows))))
    #expect(largestDifference(logits, rows.flatMap(\.logits)) < 2e-4)
  }

  @Test(arguments: ModelFixture.encoders)
  func `has the same logits in the reference engine`(_ fixture: ModelFixture) throws {
    let model = try fixture.model(on: ReferenceEngine())
    for row in try fixture.rows().prefix(3) {
      let found = Found(of: [row], in: model)
      #expect(largestDifference(found.hidden, row.hidden) < 2e-4)
      #expect(largestDifference(found.logits, row.logits) < 2e-4)
    }
  }
}

/// One sequence with what transformers makes of it.
struct EncoderRow {
  let ids: [Int32]
  let kinds: [Int32]
  let hidden: [Float]
  let logits: [Float]
}

private func packed(_ rows: [EncoderRow]) -> PackedRows {
  PackedRows(lengths: rows.map(\.ids.count), tokenTypeIDs: rows.flatMap(\.kinds))
}

/// What a model makes of some sequences.
private struct Found {
  let ids: Tensor
  let hidden: [Float]
  var logits: [Float] = []

  init(of rows: [EncoderRow], in model: Model) {
    let all = rows.flatMap(\.ids)
    ids = model.engine.tensor(all, [all.count])
    let pass = model.pass(packed(rows))
    let states = model.architecture.hidden(ids, pass)
    hidden = model.engine.floats(states)
    if let classifier = model.classifier {
      logits = model.engine.floats(classifier.logits(ofHidden: states, pass))
    }
  }
}

extension ModelFixture {
  /// Inputs with their hidden states and logits, which bare encoders have none of.
  func rows() throws -> [EncoderRow] {
    let file = try SafetensorsFile(at: folder.appending(path: "expected.safetensors"))
    return try file.names.filter { $0.hasPrefix("ids.") }.sorted().map { name in
      let suffix = name.text.dropFirst(3)
      func tensor(_ kind: String) -> StoredTensor? { file[TensorName("\(kind)\(suffix)")] }
      let ids = try #require(file[name]).int32s()
      return EncoderRow(
        ids: ids, kinds: try tensor("types")?.int32s() ?? [Int32](repeating: 0, count: ids.count),
        hidden: try #require(tensor("hidden")).floats(),
        logits: try tensor("logits")?.floats() ?? [])
    }
  }
}
