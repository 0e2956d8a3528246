import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `A head beside embeddings of more than a million numbers` {
  /// 1.28 million numbers.
  private let rows = 40_000
  private let width = 32

  /// What the configuration says of tying, after the two tensors were compared.
  private func tying(_ table: TensorSource, _ head: TensorSource) throws -> JSONValue? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let config: JSONObject = [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "tie_word_embeddings": true,
    ]
    try JSONValue.object(config).write(to: folder.appending(path: "config.json"))
    try SafetensorsFile.write([table, head], to: folder.appending(path: "model.safetensors"))
    return try ModelFolder(at: folder).untyingConfig.object["tie_word_embeddings"]
  }

  private func source(
    _ name: TensorName, changing position: Int? = nil, as type: StoredType = .float32
  ) -> TensorSource {
    var numbers = (0..<rows * width).map { Float($0 % 127) }
    if let position { numbers[position] = 128 }
    return TensorSource(name, [rows, width], floats: numbers, as: type)
  }

  @Test(arguments: [0, 1 << 20 - 1, 1 << 20, 40_000 * 32 - 1])
  func `is untied if any number differs`(position: Int) throws {
    let table = source("model.embed_tokens.weight")
    #expect(try tying(table, source("lm_head.weight", changing: position)) == false)
    #expect(
      try tying(table, source("lm_head.weight", changing: position, as: .bfloat16)) == false)
  }

  @Test(arguments: [(StoredType.float32, ElementType.float32), (.bfloat16, .bfloat16)])
  func `is used where it lies in the precision of the files`(
    type: StoredType, expected: ElementType
  ) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try JSONValue.object([:]).write(to: url.appending(path: "config.json"))
    let norm = TensorSource("norm", [width], floats: [Float](repeating: 1, count: width))
    try SafetensorsFile.write(
      [norm, source("table", as: type)], to: url.appending(path: "model.safetensors"))
    #expect(try ModelFolder(at: url).storedPrecision == expected)
  }

  @Test func `is tied if all numbers are equal, whatever their types`() throws {
    let table = source("model.embed_tokens.weight")
    #expect(try tying(table, source("lm_head.weight")) == true)
    #expect(try tying(table, source("lm_head.weight", as: .bfloat16)) == true)
  }
}
