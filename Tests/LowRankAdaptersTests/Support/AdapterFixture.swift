import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// A PEFT adapter on one of the tiny models.
struct AdapterFixture: CustomTestStringConvertible, Sendable {
  let name: String
  var testDescription: String { name }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// The folder of the tiny models that the adapters sit on.
  static let models = root.appending(path: "../../LowRankTransformersTests/Fixtures").standardized

  static let all: [AdapterFixture] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().filter { !$0.contains(".") }.map(AdapterFixture.init)
  }()

  var folder: URL { Self.root.appending(path: name) }

  var baseFolder: URL {
    get throws {
      let path = try JSONFile(at: folder.appending(path: "base.json")).string("base")
      return folder.appending(path: path)
    }
  }

  func base() throws -> Model {
    try Model(
      from: baseFolder, as: AdapterFolder(at: folder).head, precision: .float32,
      engine: CPUEngine())
  }

  func adapter() throws -> Adapter { try Adapter(from: folder, on: base()) }

  func ids() throws -> [Int32] {
    try #require(SafetensorsFile(at: expectedFile)["ids.0"]).int32s()
  }

  func largestDifference(of adapter: Adapter) throws -> Float {
    try largestDifference(of: adapter.model, adapter.selection)
  }

  func largestDifference(of model: Model, _ selection: AdapterSelection = .none) throws -> Float {
    let expected = try #require(SafetensorsFile(at: expectedFile)["logits.0"]).floats()
    let logits = model.engine.floats(model.logits(try ids(), adapters: selection))
    guard logits.count == expected.count else { return .infinity }
    return zip(logits, expected).reduce(0) { max($0, $1.0.isNaN ? .infinity : abs($1.0 - $1.1)) }
  }

  private var expectedFile: URL { folder.appending(path: "expected.safetensors") }

  typealias Tensors = [String: (shape: Shape, values: [Float])]

  /// Lends a copy of the adapter with other entries in its configuration and other tensors.
  func damaged<Result>(
    config: [(String, JSONValue?)] = [], tensors change: (inout Tensors) -> Void = { _ in },
    _ body: (URL) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let (name, weights) = ("adapter_config.json", "adapter_model.safetensors")
      try FileManager.default.copyItem(
        at: self.folder.appending(path: name), to: folder.appending(path: name))
      try LowRankAdaptersTests.change(folder.appending(path: name), config)
      let file = try SafetensorsFile(at: self.folder.appending(path: weights))
      var tensors: Tensors = [:]
      for tensor in file.tensors { tensors[tensor.name.text] = (tensor.shape, try tensor.floats()) }
      change(&tensors)
      try SafetensorsFile.write(
        tensors.map { TensorSource(TensorName($0), $1.shape, floats: $1.values) },
        to: folder.appending(path: weights))
      return try body(folder)
    }
  }
}
