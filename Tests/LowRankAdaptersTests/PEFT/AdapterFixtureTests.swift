import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
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
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "adapter")
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

  @Test func `does not train the head's weight that PEFT stored beside the factors on it`() throws {
    let adapter = try AdapterFixture(name: "llama2-head").adapter()
    #expect(Array(adapter.replacements.keys) == ["lm_head.weight"])
    #expect(!adapter.trainable.contains { $0.role == .weight })
    let whole = try AdapterFixture(name: "gpt2-save-head").adapter()
    #expect(whole.trainable.contains { $0.path == "lm_head.weight" })
  }
}
