import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `An adapter in the formats of others` {
  /// Fixtures that each format has a place for, and the scale that is the same in all modules of some.
  static let forMLX = [
    "gpt2-default", "gpt2-all-linear", "llama2-default", "llama3-rslora", "qwen2-all-linear",
    "qwen2-dora", "qwen3-patterns", "smollm-layers",
  ].map(AdapterFixture.init)
  static let forGGUF = [
    "gpt2-default", "gpt2-all-linear", "llama2-default", "llama3-rslora", "qwen2-all-linear",
    "qwen3-patterns", "smollm-layers",
  ].map(AdapterFixture.init)

  /// ΔW by path, and the magnitudes.
  private func updates(_ adapter: StoredAdapter) throws -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for module in adapter.modules {
      let update = try module.upMatrix().multiplied(by: module.downMatrix())
      result[module.path] = update.elements.map { $0 * module.scale }
      if let magnitude = module.magnitude {
        result[module.path + ".m"] = try magnitude.floats().map(Double.init)
      }
    }
    return result
  }

  private func draft(_ adapter: StoredAdapter) -> EditableAdapter {
    EditableAdapter(adapter, replacing: adapter.modules.map { .init($0) })
  }

  /// Whether factors, scales and so updates are the same bit for bit.
  private func expectSame(_ one: StoredAdapter, _ other: StoredAdapter) throws {
    #expect(one.modules.map(\.path) == other.modules.map(\.path))
    for (module, twin) in zip(one.modules, other.modules) {
      #expect(try module.up.values() == twin.up.values(), "\(module.path)")
      #expect(try module.down.values() == twin.down.values(), "\(module.path)")
      #expect(abs(module.scale - twin.scale) <= 1e-15 * abs(module.scale))
    }
  }

  private func expectClose(_ one: StoredAdapter, _ other: StoredAdapter) throws {
    let (updates, others) = (try updates(one), try updates(other))
    #expect(Set(updates.keys) == Set(others.keys))
    for (path, update) in updates {
      let twin = try #require(others[path])
      let largest = update.map(abs).max() ?? 0
      #expect(zip(update, twin).allSatisfy { abs($0 - $1) <= 1e-6 * largest }, "\(path)")
    }
  }

  @Test(arguments: forMLX) func `of mlx-lm comes back as it was`(fixture: AdapterFixture) throws {
    try withTemporaryFolder { folder in
      let original = try StoredAdapter(at: fixture.folder)
      try draft(original).write(as: .mlx, into: folder)
      let there = try StoredAdapter(at: folder)
      #expect(there.format == .mlx)
      try expectClose(original, there)
      let back = folder.appending(path: "back")
      try FileManager.default.createDirectory(at: back, withIntermediateDirectories: true)
      try draft(there).write(as: .peft, into: back)
      let again = try StoredAdapter(at: back)
      if fixture.name == "qwen3-patterns" {
        try expectClose(original, again)
      } else {
        try expectSame(original, again)
      }
      // What loads it onto a base says the rest: names, magnitudes, orientation.
      let base = try fixture.base()
      #expect(try fixture.largestDifference(of: Adapter(from: back, on: base)) < 2e-4)
    }
  }

  @Test(arguments: forGGUF) func `of llama.cpp comes back as it was`(fixture: AdapterFixture) throws
  {
    try withTemporaryFolder { folder in
      let original = try StoredAdapter(at: fixture.folder)
      let file = folder.appending(path: "a.gguf")
      try draft(original).writeGGUF(to: file, model: fixture.baseFolder)
      // The heads are in the file, so that the model is not needed again.
      let there = try StoredAdapter(at: file)
      #expect(there.format == .gguf)
      let back = folder.appending(path: "back")
      try FileManager.default.createDirectory(at: back, withIntermediateDirectories: true)
      try draft(there).write(as: .peft, into: back)
      let again = try StoredAdapter(at: back)
      try expectClose(original, again)
      if !fixture.name.contains("rslora"), fixture.name != "qwen3-patterns" {
        try expectSame(original, again)
      }
      let base = try fixture.base()
      #expect(try fixture.largestDifference(of: Adapter(from: back, on: base)) < 2e-4)
    }
  }

  @Test func `of llama.cpp orders the rows of heads in pairs, of queries and keys alone`() throws {
    try withTemporaryFolder { folder in
      let fixture = AdapterFixture(name: "llama2-default")
      let original = try StoredAdapter(at: fixture.folder)
      let file = folder.appending(path: "a.gguf")
      try draft(original).writeGGUF(to: file, model: fixture.baseFolder)
      let gguf = try GGUFFile(at: file)
      // Two heads of eight rows: 0 4 1 5 2 6 3 7.
      let order = [0, 4, 1, 5, 2, 6, 3, 7].flatMap { [$0] } + [8, 12, 9, 13, 10, 14, 11, 15]
      for (name, path, isOrdered) in [("attn_q", "q_proj", true), ("attn_v", "v_proj", false)] {
        let tensor = try #require(
          gguf.tensors.first { $0.name == TensorName("blk.1.\(name).weight.lora_b") })
        let module = try #require(
          original.modules.first { $0.path == "model.layers.1.self_attn.\(path)" })
        let (rows, rank) = (try module.up.values(), module.rank)
        let expected = (isOrdered ? order : Array(0..<16)).flatMap { row in
          rows[row * rank..<(row + 1) * rank]
        }
        #expect(try tensor.floats() == expected)
      }
      #expect(gguf["adapter.lora.alpha"] == .float32(8))
      #expect(gguf["llama.attention.head_count"] == .unsigned(2))
      #expect(gguf["general.architecture"] == .string("llama"))
    }
  }

  @Test func `of llama.cpp has alpha 0 where no alpha gives every scale`() throws {
    try withTemporaryFolder { folder in
      let fixture = AdapterFixture(name: "qwen3-patterns")
      let original = try StoredAdapter(at: fixture.folder)
      let file = folder.appending(path: "a.gguf")
      try draft(original).writeGGUF(to: file, model: fixture.baseFolder)
      #expect(try GGUFFile(at: file)["adapter.lora.alpha"] == .float32(0))
      #expect(try StoredAdapter(at: file).modules.allSatisfy { $0.scale == 1 })
    }
  }

  @Test(arguments: [AdapterForm.peft, .mlx]) func `has zeros where its scale is 0`(
    form: AdapterForm
  )
    throws
  {
    try withTemporaryFolder { folder in
      let fixture = AdapterFixture(name: "llama2-default")
      let copy = folder.appending(path: "copy")
      try FileManager.default.copyItem(at: fixture.folder, to: copy)
      let (q, zero) = ("self_attn.q_proj", JSONValue.integer(0))
      for entries in [[("alpha_pattern", ["self_attn.q_proj": 0])], [("lora_alpha", zero)]]
        as [[(String, JSONValue?)]]
      {
        try change(copy.appending(path: "adapter_config.json"), entries)
        let place = folder.appending(path: "made-\(UUID())")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try draft(StoredAdapter(at: copy)).write(as: form, into: place)
        for (path, update) in try updates(StoredAdapter(at: place)) where path.contains(q) {
          #expect(update.allSatisfy { $0 == 0 })
        }
      }
    }
  }
}
