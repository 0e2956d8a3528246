import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// A tiny model in a GGUF file with what transformers makes of it; Oracles/gguf_fixture.py wrote it.
struct GGUFFixture: CustomTestStringConvertible, Sendable {
  let name: String
  var testDescription: String { name }

  static let root = ModelFixture.root.appending(path: "gguf")
  static let all = [
    "llama", "llama-biases", "mistral", "qwen2", "qwen3", "smollm3", "gemma3", "phi3", "phi4-mini",
  ].map(GGUFFixture.init)
  static let llama = GGUFFixture(name: "llama")
  static let gemma = GGUFFixture(name: "gemma3")

  var file: URL { Self.root.appending(path: "\(name).gguf") }
  /// The model that the file was made of.
  var folder: URL { Self.root.appending(path: name) }

  func model(on engine: any Engine = CPUEngine()) throws -> Model {
    try Model(from: file, precision: .float32, engine: engine)
  }

  /// The largest difference of the last rows of the logits from those of transformers.
  func difference(of model: Model) throws -> Float {
    let json = try JSONFile(at: Self.root.appending(path: "\(name).json"))
    let ids = try #require(try json.optionalIntegers("ids")).map { Int32($0) }
    let rows = try json.array("logits").map {
      try #require($0.array).map { Float($0.double ?? .nan) }
    }
    let logits = model.engine.floats(model.logits(ids))
    return largestDifference(Array(logits.suffix(rows.count * rows[0].count)), rows.flatMap(\.self))
  }

  /// Lends a copy of the file with other metadata or tensors.
  func changed<Result>(
    _ metadata: [(String, GGUFValue?)] = [],
    tensors change: ([StoredTensor]) -> [TensorSource] = { $0.map { TensorSource($0) } },
    _ body: (URL) throws -> Result
  ) throws -> Result {
    let own = try GGUFFile(at: file)
    var values = own.metadata.map { ($0.key.text, $0.value) }
    for (key, value) in metadata {
      values.removeAll { $0.0 == key }
      if let value { values.append((key, value)) }
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let copy = folder.appending(path: "\(name).gguf")
    try GGUFFile.write(change(own.tensors), metadata: values, to: copy)
    return try body(copy)
  }
}
