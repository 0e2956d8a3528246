import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A method that PEFT has no type for` {
  private static let methods: [any Method] = [
    PoLAR(), LoRAXS(), TiedLoRA(), LoTR(), CPLoRA(heads: 2), TTLoRA(),
  ]

  @Test(arguments: methods)
  func `is saved as a LoRA, and continued from its own factors`(method: any Method) throws {
    let model = try TinyModels.llama(on: CPUEngine())
    let adapter = try MovedAdapter.made(method, on: model)
    try MovedAdapter.saved(adapter) { folder in
      let used = try Adapter(from: folder, on: model)
      #expect(used.configuration.method.name == "LORA")
      let continued = try Adapter(from: folder, on: model, toContinue: true)
      #expect(continued.configuration.method.name == method.name)
      #expect(continued.storedTensors() == adapter.storedTensors())
      for index in adapter.sites.indices {
        let delta = adapter.delta(of: index)
        #expect(relativeDistance(used.delta(of: index), from: delta) < 1e-4)
        #expect(relativeDistance(continued.delta(of: index), from: delta) < 1e-4)
      }
    }
  }

  @Test func `is not continued where the LoRA beside it was changed`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    try MovedAdapter.saved(try MovedAdapter.made(PoLAR(), on: model)) { folder in
      let file = folder.appending(path: "adapter_model.safetensors")
      let tensors = try SafetensorsFile(at: file)
      let changed = try tensors.tensors.map {
        TensorSource($0.name, $0.shape, floats: try $0.floats().map { 2 * $0 })
      }
      let metadata = tensors.metadata
      try FileManager.default.removeItem(at: file)
      try SafetensorsFile.write(changed, metadata: metadata, to: file)
      _ = try Adapter(from: folder, on: model)
      #expect {
        try Adapter(from: folder, on: model, toContinue: true)
      } throws: {
        "\($0)".contains("native.safetensors holds the POLAR factors of another adapter")
          && "\($0)".contains("method lora")
      }
    }
  }

  @Test func `is not continued as a LoRA where its own factors are gone`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    try MovedAdapter.saved(try MovedAdapter.made(PoLAR(), on: model)) { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "native.safetensors"))
      _ = try Adapter(from: folder, on: model)
      #expect {
        try Adapter(from: folder, on: model, toContinue: true)
      } throws: {
        "\($0)".contains("native.safetensors is missing: it holds the POLAR factors")
          && "\($0)".contains("method lora")
      }
      // What is written of it anew is a plain LoRA.
      let stored = try StoredAdapter(at: folder)
      let draft = EditableAdapter(stored, replacing: stored.modules.map { .init($0) })
      let plain = folder.appending(path: "plain")
      try publishFolder(at: plain) { try draft.write(as: .peft, into: $0) }
      _ = try Adapter(from: plain, on: model, toContinue: true)
    }
  }

  @Test func `has a type of its own where its rank is too large for a LoRA`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    try MovedAdapter.saved(
      try MovedAdapter.made(LoTR(), on: model, targets: .named("up_proj"), rank: 300)
    ) { folder in
      // Of rank 300 on a map of 12 × 8, the form is cut to its 8 directions, which is still exact.
      let config = try JSONFile(at: folder.appending(path: "adapter_config.json"))
      #expect(config["peft_type"] == "LORA" && config["r"] == 8)
    }
  }
}
