import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTorch
import LowRankTransformers
import Testing

@Suite struct `An adapter of PEFT before safetensors` {
  @Test(arguments: ["1.13-zip", "1.13-legacy", "2.13-zip", "2.13-legacy"])
  func `has the logits that PEFT has`(name: String) throws {
    try TorchFiles.withAdapter(name) { folder in
      let adapter = try Adapter(from: folder, on: TorchFiles.adapter.base())
      #expect(try TorchFiles.adapter.largestDifference(of: adapter) < 1e-5)
      #expect(adapter.loading?.modules == 4 && adapter.loading?.tensors == 8)
    }
  }

  @Test(arguments: ["1.13-legacy", "2.13-zip"])
  func `has the bytes that it has in safetensors`(name: String) throws {
    let expected = try SafetensorsFile(
      at: TorchFiles.adapter.folder.appending(path: "adapter_model.safetensors"))
    try TorchFiles.withAdapter(name) { folder in
      let file = try AdapterFolder(at: folder).file
      #expect(file.format == .torch && file.tensors.count == expected.tensors.count)
      for tensor in expected.tensors {
        let read = try #require(file[tensor.name])
        #expect(read.type == tensor.type && read.shape == tensor.shape)
        #expect(try read.withBytes { Array($0) } == tensor.withBytes { Array($0) })
      }
      let stored = try StoredAdapter(at: folder)
      #expect(stored.format == .peft)
      #expect(try stored.squaredDistance(to: StoredAdapter(at: TorchFiles.adapter.folder)) == 0)
    }
  }

  @Test func `gives way to safetensors, as in PEFT`() throws {
    try TorchFiles.withAdapter("2.13-zip") { folder in
      try FileManager.default.copyItem(
        at: TorchFiles.adapter.folder.appending(path: "adapter_model.safetensors"),
        to: folder.appending(path: "adapter_model.safetensors"))
      try Data("broken".utf8).write(to: folder.appending(path: "adapter_model.bin"))
      #expect(try AdapterFolder(at: folder).file.format == .safetensors)
    }
  }

  @Test func `is refused where its pickle asks for a call`() throws {
    try TorchFiles.withAdapter("2.13-legacy") { folder in
      let file = folder.appending(path: "adapter_model.bin")
      let text = Array("collections\nOrderedDict".utf8)
      var bytes = [UInt8](try Data(contentsOf: file))
      let place = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
      bytes.replaceSubrange(place..<place + text.count, with: Array("posix\nsystem".utf8))
      try Data(bytes).write(to: file)
      let refusal = message { try AdapterFolder(at: folder) }
      #expect(refusal.contains("adapter_model.bin uses the global posix.system"))
      #expect(refusal.contains("safetensors.torch.save_file("))
      #expect(refusal.contains("adapter_model.safetensors\", {\"format\": \"pt\"})"))
    }
  }

  @Test func `is refused where old PEFT adapted parts of fused maps`() throws {
    try TorchFiles.withAdapter("2.13-zip") { folder in
      let config = folder.appending(path: "adapter_config.json")
      try change(config, [("merge_weights", true), ("enable_lora", .null)])
      _ = try Adapter(from: folder, on: TorchFiles.adapter.base())
      try change(config, [("enable_lora", [true, false, true])])
      let refusal = message { try Adapter(from: folder, on: TorchFiles.adapter.base()) }
      #expect(refusal.contains("\"enable_lora\"") && refusal.contains("parts of fused maps"))
    }
  }
}

@Suite struct `A model in files of torch` {
  private func logits(_ folder: URL) throws -> [Float] {
    let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
    return model.engine.floats(model.logits([1, 5, 2, 40, 7]))
  }

  @Test(arguments: ["zip", "legacy"])
  func `is the model that it is in safetensors`(layout: String) throws {
    let file = TorchFiles.folder.appending(path: "model-\(layout).bin")
    try TorchFiles.withCopy(
      of: TorchFiles.model, without: "model.safetensors", adding: ["pytorch_model.bin": file]
    ) { folder in
      #expect(try logits(folder) == logits(TorchFiles.model))
      // The tied head, which the file holds under its own name, is no part of it.
      let (old, new) = (try ModelFolder(at: folder), try ModelFolder(at: TorchFiles.model))
      #expect(old.tensors.count == new.tensors.count + 1)
      #expect(try old.fingerprint() == new.fingerprint())
    }
  }

  @Test func `is read by its index`() throws {
    let (zip, shard) = (
      TorchFiles.folder.appending(path: "model-zip.bin"), "pytorch_model-00001-of-00001.bin"
    )
    try TorchFiles.withCopy(
      of: TorchFiles.model, without: "model.safetensors", adding: [shard: zip]
    ) { folder in
      let names = try CheckpointFile(at: zip).names
      let map = JSONObject(names.map { ($0.text, .string(shard)) })
      try JSONValue.object(["weight_map": .object(map)])
        .write(to: folder.appending(path: "pytorch_model.bin.index.json"))
      #expect(try logits(folder) == logits(TorchFiles.model))
    }
  }
}
