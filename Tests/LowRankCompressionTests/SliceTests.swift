import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import Testing

@Suite struct `The slices of a fused map` {
  /// A fused map of rank 4, two for queries and two for values, beside a map of another rank.
  private func draft(besideRank rank: Int) -> EditableAdapter {
    let facts: JSONObject = [
      "version": "0.1.0", "base_fingerprint": .null,
      "slices": ["transformer.h.0.attn.c_attn": [["query", 0, 4], ["value", 8, 12]]],
    ]
    func module(_ path: String, _ rank: Int) -> EditableAdapter.Module {
      EditableAdapter.Module(
        path: path, kind: .linear,
        down: FactorMatrix(Array(repeating: 1, count: 4 * rank), [rank, 4], as: .float32),
        up: FactorMatrix(Array(repeating: 1, count: 12 * rank), [12, rank], as: .float32), scale: 1)
    }
    return EditableAdapter(
      modules: [
        module("transformer.h.0.attn.c_attn", 4), module("transformer.h.0.mlp.c_fc", rank),
      ], config: ["peft_type": "LORA"],
      metadata: ["format": "pt", "lowrank": .string(JSONValue.object(facts).text())])
  }

  /// What a written file says of slices.
  private func slices(_ draft: EditableAdapter, as form: AdapterForm) throws -> JSONObject? {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-slices-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try publishFolder(at: url) { try draft.write(as: form, into: $0) }
    let file = try SafetensorsFile(at: url.appending(path: "adapter_model.safetensors"))
    let text = try #require(file.metadata["lowrank"]?.string)
    return try JSONValue(parsing: text, from: "notes").object?["slices"]?.object
  }

  @Test func `are forgotten where zeros are put behind some rank`() throws {
    #expect(try slices(draft(besideRank: 4), as: .padded)?.count == 1)
    #expect(try slices(draft(besideRank: 6), as: .peft)?.count == 1)
    #expect(try slices(draft(besideRank: 6), as: .padded)?.isEmpty == true)
  }

  @Test func `are forgotten where several adapters are combined`() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "lowrank-slices-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    var plain = draft(besideRank: 4)
    plain.metadata = ["format": "pt"]
    let adapters = try [(draft(besideRank: 4), 0.0), (plain, 1)].enumerated().map { number, made in
      let url = root.appending(path: "\(number)")
      try publishFolder(at: url) { try made.0.write(as: .peft, into: $0) }
      return try WeightedAdapter(StoredAdapter(at: url), weight: made.1)
    }
    // The factors are those of the second, which knows of no slices.
    let sum = try Combination(adapters).draft(by: ExactSum(of: adapters))
    #expect(try slices(sum, as: .peft)?.isEmpty == true)
    let same = try WeightedAdapter(adapters[0].adapter)
    let kept = try Combination([same]).draft(by: ExactSum(of: [same]))
    #expect(try slices(kept, as: .peft)?.count == 1)
  }
}
