import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// Adapters that PEFT 0.21.2 wrote, with the logits it computes; Oracles/adapters_fixture.py made them.
@Suite struct `An adapter of PEFT` {
  @Test(arguments: AdapterFixture.all)
  func `has PEFT's logits`(_ fixture: AdapterFixture) throws {
    let adapter = try fixture.adapter()
    #expect(try fixture.largestDifference(of: adapter) < 1e-4)
  }

  @Test(arguments: AdapterFixture.all)
  func `is the same after saving and loading`(_ fixture: AdapterFixture) throws {
    let adapter = try fixture.adapter()
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try adapter.save(to: folder.path)
    let again = try Adapter(from: folder, on: adapter.base)
    #expect(try fixture.largestDifference(of: again) < 1e-4)
    let ours = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
    let theirs = try SafetensorsFile(
      at: fixture.folder.appending(path: "adapter_model.safetensors"))
    #expect(Set(ours.names) == Set(theirs.names))
    for tensor in theirs.tensors {
      #expect(try ours[tensor.name]?.floats() == tensor.floats(), "\(tensor.name)")
    }
  }
}

/// A PEFT adapter on one of the tiny models.
struct AdapterFixture: CustomTestStringConvertible, Sendable {
  let name: String
  var testDescription: String { name }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static let all: [AdapterFixture] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().filter { !$0.contains(".") }.map(AdapterFixture.init)
  }()

  var folder: URL { Self.root.appending(path: name) }

  func base() throws -> Model {
    let path = try JSONFile(at: folder.appending(path: "base.json")).string("base")
    return try Model(
      from: folder.appending(path: path), precision: .float32, engine: CPUEngine())
  }

  func adapter() throws -> Adapter { try Adapter(from: folder, on: base()) }

  func largestDifference(of adapter: Adapter) throws -> Float {
    let file = try SafetensorsFile(at: folder.appending(path: "expected.safetensors"))
    let ids = try #require(file["ids.0"]).int32s()
    let expected = try #require(file["logits.0"]).floats()
    let logits = adapter.base.engine.floats(
      adapter.model.logits(ids, adapters: adapter.selection))
    guard logits.count == expected.count else { return .infinity }
    return zip(logits, expected).reduce(0) { max($0, $1.0.isNaN ? .infinity : abs($1.0 - $1.1)) }
  }
}
