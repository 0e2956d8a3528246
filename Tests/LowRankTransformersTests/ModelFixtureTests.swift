import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Logits that transformers 5.23 computed for tiny random models; Oracles/models_fixture.py made them.
@Suite struct `A model of every variant` {
  @Test(arguments: ModelFixture.all)
  func `has the logits of transformers`(_ fixture: ModelFixture) throws {
    for config in fixture.configs {
      let model = try fixture.model(config: config, on: CPUEngine())
      for (ids, expected) in try fixture.expected() {
        let logits = model.engine.floats(model.logits(ids))
        #expect(largestDifference(logits, expected) < 2e-4, "\(config)")
      }
    }
  }

  @Test(arguments: ModelFixture.all)
  func `has the same logits in the reference engine`(_ fixture: ModelFixture) throws {
    let model = try fixture.model(on: ReferenceEngine())
    for (ids, expected) in try fixture.expected() {
      #expect(largestDifference(model.engine.floats(model.logits(ids)), expected) < 2e-4)
    }
  }

  @Test(arguments: ModelFixture.all)
  func `knows the tokens that are added to its vocabulary`(_ fixture: ModelFixture) throws {
    let model = try fixture.model(on: CPUEngine())
    let count = model.architecture.vocabularySize + 3
    let grown = model.extendingVocabulary(to: count)
    #expect(grown.architecture.vocabularySize == count)
    #expect(grown.logits([Int32(count - 1)]).shape == [1, count])
  }

  @Test(arguments: ModelFixture.all)
  func `continues a sequence from its cache as it computes it whole`(_ fixture: ModelFixture) throws
  {
    // Dynamic and long rotary embeddings change the angles of all positions as the sequence grows.
    guard !fixture.name.hasPrefix("llama-rope-dynamic"), fixture.name != "phi4-mini" else { return }
    let model = try fixture.model(on: CPUEngine())
    let (ids, expected) = try #require(try fixture.expected().first)
    let cache = KeyValueCache(sequences: 1, capacity: ids.count, engine: model.engine)
    var logits: [Float] = []
    for piece in [ids.prefix(3), ids.dropFirst(3).prefix(1), ids.dropFirst(4)] where !piece.isEmpty
    {
      let rows = PackedRows(lengths: [piece.count], starts: [cache.lengths[0]])
      let use = CacheUse(cache, sequences: [0], rows: rows, engine: model.engine)
      let tensor = model.causal.logits(
        model.engine.tensor(Array(piece), [piece.count]), model.pass(rows, cache: use))
      logits += model.engine.floats(tensor)
      cache.advance([0], by: [piece.count])
    }
    #expect(largestDifference(logits, expected) < 2e-4)
  }
}

/// A tiny model with what transformers makes of it.
struct ModelFixture: CustomTestStringConvertible, Sendable {
  let name: String
  var testDescription: String { name }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static let all: [ModelFixture] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().filter {
      !$0.contains(".") && !["encoders", "gguf", "vision"].contains($0)
    }.map(
      ModelFixture.init)
  }()

  var folder: URL { Self.root.appending(path: name) }

  /// The encoders and classifiers.
  static let encoders: [ModelFixture] = {
    let folder = root.appending(path: "encoders")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { ModelFixture(name: "encoders/\($0)") }
  }()

  /// The configurations of the same weights: transformers 5's and, where there is one, 4's.
  var configs: [String] {
    ["config.json", "config-v4.json"].filter {
      FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
  }

  func model(config: String = "config.json", on engine: any Engine) throws -> Model {
    guard config != "config.json" else {
      return try Model(from: folder, precision: .float32, engine: engine)
    }
    let copy = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: copy) }
    for (from, to) in [(config, "config.json"), ("model.safetensors", "model.safetensors")] {
      try FileManager.default.copyItem(
        at: folder.appending(path: from), to: copy.appending(path: to))
    }
    return try Model(from: copy, precision: .float32, engine: engine)
  }

  /// Inputs with their logits, row by row.
  func expected() throws -> [(ids: [Int32], logits: [Float])] {
    let file = try SafetensorsFile(at: folder.appending(path: "expected.safetensors"))
    return try file.names.filter { $0.hasPrefix("ids") }.sorted().map { name in
      let suffix = name.text.dropFirst(3)
      let ids = try #require(file[name])
      let logits = try #require(file[TensorName("logits\(suffix)")])
      return (try ids.int32s(), try logits.floats())
    }
  }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { max($0, $1.0.isNaN ? .infinity : abs($1.0 - $1.1)) }
}
