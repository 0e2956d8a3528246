import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `A saved model` {
  private let gpt2 = ModelFixture(name: "gpt2")

  /// Checkpoints with another head than their configuration says are saved as what they are.
  @Test(arguments: ModelFixture.all.filter { !$0.name.contains("-head") })
  func `is the same model with the same bytes of weights`(_ fixture: ModelFixture) throws {
    let model = try fixture.model(on: CPUEngine())
    try withFolder(fixture) { parent in
      let folder = parent.appending(path: "saved")
      try model.save(to: folder)
      let own = try ModelFolder(at: fixture.folder)
      let saved = try ModelFolder(at: folder)
      #expect(Set(saved.names) == Set(own.names))
      for tensor in own.tensors {
        #expect(saved[tensor.name]?.type == tensor.type)
        #expect(try saved[tensor.name]?.floats() == tensor.floats())
      }
      #expect(saved.config.object == own.config.object)
    }
  }

  @Test func `has the names of its class, whatever the checkpoint left out`() throws {
    try withFolder(gpt2, weights: "hub.safetensors") { folder in
      let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
      try model.save(to: folder.appending(path: "saved"))
      let saved = try ModelFolder(at: folder.appending(path: "saved"))
      #expect(Set(saved.names) == Set(try ModelFolder(at: gpt2.folder).names))
    }
  }

  @Test(arguments: [("bfloat16", StoredType.bfloat16), ("float16", .float16)])
  func `says in its configuration how it is stored`(name: String, type: StoredType) throws {
    for config in gpt2.configs {
      let model = try gpt2.model(config: config, on: CPUEngine())
      try withFolder(gpt2) { parent in
        let folder = parent.appending(path: "saved")
        try model.save(to: folder, as: type)
        let saved = try ModelFolder(at: folder)
        #expect(saved.tensors.allSatisfy { $0.type == type })
        let key = config == "config.json" ? "dtype" : "torch_dtype"
        #expect(saved.config[key] == .string(name))
        #expect((saved.config["dtype"] == nil) != (saved.config["torch_dtype"] == nil))
      }
    }
  }

  @Test func `takes tokenizer, templates and generation settings with it`() throws {
    try withFolder(gpt2) { folder in
      let names = ["tokenizer.json", "chat_template.jinja", "generation_config.json"]
      for name in names { try Data(name.utf8).write(to: folder.appending(path: name)) }
      try Data("x".utf8).write(to: folder.appending(path: "notes.txt"))
      let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
      try model.save(to: folder.appending(path: "saved"))
      let found = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "saved").path)
      #expect(Set(found) == Set(names + ["config.json", "model.safetensors"]))
    }
  }

  @Test func `never replaces the folder it came from`() throws {
    try withFolder(gpt2) { folder in
      let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
      let link = folder.deletingLastPathComponent().appending(
        path: folder.lastPathComponent + "-link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder)
      defer { try? FileManager.default.removeItem(at: link) }
      for place in [folder, link] {
        #expect(
          message { try model.save(to: place, overwrite: true) }
            == "\(place.relativePath) is the folder of the model itself, or lies in it or around it, and its weights are in use; choose another place"
        )
      }
    }
  }

  @Test func `replaces another folder only where asked to`() throws {
    try withFolder(gpt2) { folder in
      let model = try gpt2.model(on: CPUEngine())
      #expect(
        message { try model.save(to: folder) }
          == "\(folder.relativePath) exists already; pass overwrite to replace it"
      )
      try model.save(to: folder, overwrite: true)
      _ = try Model(from: folder, precision: .float32, engine: CPUEngine())
    }
  }

  @Test func `has no number that is not finite`() throws {
    var model = try gpt2.model(on: CPUEngine())
    let parameter = try #require(model.architecture.parameters.first)
    model.store[parameter] = model.engine.filled(.nan, parameter.shape)
    try withFolder(gpt2) { parent in
      let folder = parent.appending(path: "saved")
      #expect(
        message { try model.save(to: folder) }
          == "the weight \(parameter.path) holds a number that is not finite, so nothing was written"
      )
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }
}
