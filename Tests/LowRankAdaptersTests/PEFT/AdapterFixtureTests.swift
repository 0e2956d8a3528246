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
      let gone = Set(theirs.names).subtracting(ours.names).map(\.text)
      #expect(gone.allSatisfy { name in fixture.leavesAside.contains { name.contains($0) } })
      // Biases that PEFT lost are saved as the base's from then on.
      let more = Set(ours.names).subtracting(theirs.names)
      #expect(more.isEmpty || fixture.name == "qwen2-bias-lost")
      for tensor in theirs.tensors where ours[tensor.name] != nil {
        #expect(try ours[tensor.name]?.floats() == tensor.floats(), "\(tensor.name)")
      }
    }
  }

  @Test func `leaves copies of the base's weights aside, and trains none of them`() throws {
    let adapter = try AdapterFixture(name: "llama2-head").adapter()
    #expect(adapter.replacements.isEmpty)
    #expect(
      adapter.loading?.notes == [
        "lm_head.base_layer.weight equals the base's tensor and is not kept"
      ])
    let whole = try AdapterFixture(name: "gpt2-save-head").adapter()
    #expect(whole.trainable.contains { $0.path == "lm_head.weight" })
  }
}

extension AdapterFixture {
  /// What may be in names of tensors that are read and not kept.
  fileprivate var leavesAside: [String] {
    switch name {
    case "llama2-copies": ["embed_tokens.weight", "lm_head.weight"]
    default: ["base_layer.weight", "lora_velora_embed", "lora_monteclora_sampler"]
    }
  }
}
