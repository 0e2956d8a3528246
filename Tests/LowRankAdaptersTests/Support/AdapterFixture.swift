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
    try Model(from: baseFolder, precision: .float32, engine: CPUEngine())
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
}
