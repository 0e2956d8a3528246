import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `The identity of a model` {
  @Test(arguments: [GGUFFixture.llama, .gemma])
  func `is the same in a GGUF file, in BF16 and in F32`(_ fixture: GGUFFixture) throws {
    let folder = try ModelFolder(at: fixture.folder)
    let file = try ModelFolder(at: fixture.file)
    #expect(try file.identity() == folder.identity())
    #expect(try file.fingerprint() != folder.fingerprint())
    let model = try Model(from: fixture.folder, precision: .float32, engine: CPUEngine())
    let place = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: place) }
    try model.save(to: place, as: .float32)
    #expect(try ModelFolder(at: place).identity() == folder.identity())
  }

  @Test func `is that of no other model`() throws {
    let all = try GGUFFixture.all.map { try ModelFolder(at: $0.file).identity().description }
    #expect(Set(all).count == all.count)
    // Of one number in one norm, a change that BF16 can hold is another model.
    let own = try ModelFolder(at: GGUFFixture.llama.file).identity()
    try GGUFFixture.llama.changed(tensors: { tensors in
      tensors.map { tensor in
        guard tensor.name == "blk.1.ffn_norm.weight", var values = try? tensor.floats() else {
          return TensorSource(tensor)
        }
        values[5] *= 1.02
        return TensorSource(tensor.name, tensor.shape, floats: values)
      }
    }) { url in
      let other = try ModelFolder(at: url).identity()
      #expect(other != own)
    }
  }
}
