import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A file of loralib` {
  private static let llama = AdapterFixture.models.appending(path: "llama2")

  private func file(_ name: String) -> URL {
    TorchFiles.folder.appending(path: "loralib-\(name).pt")
  }

  private func read(
    _ name: String, alpha: Double, enabled: [Bool]? = nil, model: URL = TorchFiles.model
  ) throws -> StoredAdapter {
    try StoredAdapter(
      at: file(name), model: model, settings: LoralibSettings(alpha: alpha, enabled: enabled))
  }

  @Test(
    arguments: [
      ("gpt2", 32.0, [true, false, true]), ("gpt2-keys", 32, [false, true, false]),
      ("gpt2-all-parts", 32, nil), ("gpt2-mixed", 8, [true, false, true]), ("llama2", 16, nil),
    ] as [(String, Double, [Bool]?)])
  func `has the updates that loralib merges`(
    name: String, alpha: Double, enabled: [Bool]?
  ) throws {
    let model = name == "llama2" ? Self.llama : TorchFiles.model
    let adapter = try read(name, alpha: alpha, enabled: enabled, model: model)
    let expected = try SafetensorsFile(
      at: TorchFiles.folder.appending(path: "loralib-\(name).safetensors"))
    #expect(adapter.format == .loralib && adapter.modules.count == expected.tensors.count)
    let updates = try adapter.updates()
    for tensor in expected.tensors {
      let update = try #require(updates[tensor.name.text])
      #expect([update.rows, update.columns] == tensor.shape.extents)
      let numbers = try tensor.floats()
      #expect(numbers.contains { abs($0) > 0.1 })
      let difference = zip(update.elements, numbers).map { abs($0 - Double($1)) }.max() ?? 0
      #expect(difference < 1e-6, "\(tensor.name)")
    }
  }

  @Test func `is an adapter of PEFT once written, with its biases`() throws {
    let stored = try read("gpt2-mixed", alpha: 8, enabled: [true, false, true])
    #expect(stored.config["bias"]?.string == "lora_only")
    #expect(
      stored.others.map(\.name.text) == [
        "base_model.model.transformer.h.0.attn.c_attn.base_layer.bias",
        "base_model.model.transformer.h.1.mlp.c_fc.base_layer.bias",
      ])
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "adapter")
      let draft = EditableAdapter(stored, replacing: stored.modules.map { .init($0) })
      try publishFolder(at: place) { try draft.write(as: .peft, into: $0) }
      let written = try StoredAdapter(at: place)
      #expect(try written.squaredDistance(to: stored) < 1e-10)
      let base = try Model(from: TorchFiles.model, precision: .float32, engine: CPUEngine())
      let adapter = try Adapter(from: place, on: base)
      #expect(adapter.loading?.modules == 3 && adapter.loading?.overridden == [])
    }
  }

  @Test func `is refused where something is not said, rather than guessed`() throws {
    let path = file("gpt2").relativePath
    #expect(
      message { try StoredAdapter(at: file("gpt2")) }
        == "\(path) holds factors of loralib but not their alpha: convert it to PEFT's format first"
    )
    #expect(
      message {
        try StoredAdapter(at: file("gpt2"), settings: LoralibSettings(alpha: 32))
      }.contains("how large the modules are; give the folder of the base with model"))
    #expect(
      message { try read("gpt2", alpha: 32) }
        == "\(path): 2 of 3 parts of transformer.h.0.attn.c_attn are adapted, and the file does not say which, such as q,v; "
        + "say it with enable_lora")
    #expect(
      message { try read("gpt2", alpha: 32, enabled: [true, true, true]) }.contains(
        "enable_lora is for 3 of 3 parts, expected 2 of 3"))
    #expect(message { try read("gpt2", alpha: 0) }.contains("alpha is 0.0, expected a finite"))
    #expect(
      message { try read("llama2", alpha: 16) }.contains(
        "1 tensor belongs to no adapted module: model.layers.0.self_attn.q_proj.lora_A"))
    #expect(
      message { try read("gpt2", alpha: 32, model: Self.llama) }.contains("no adapted module"))
  }

  @Test func `is told from other files of torch`() throws {
    let other = TorchFiles.folder.appending(path: "model-zip.bin")
    #expect(try AdapterFormat(guessing: other) == .loralib)
    #expect(
      message { try StoredAdapter(at: other) }.contains(
        "it is a file of torch without factors that loralib would name"))
  }
}
