import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTokenizers
import LowRankTransformers
import Testing

@Suite struct `A model in a GGUF file` {
  @Test(arguments: GGUFFixture.all)
  func `has the logits of transformers with the numbers of its blocks`(_ fixture: GGUFFixture)
    throws
  {
    #expect(try fixture.difference(of: fixture.model()) < 1e-4)
  }

  @Test(arguments: GGUFFixture.all)
  func `has the same logits in the reference engine`(_ fixture: GGUFFixture) throws {
    #expect(try fixture.difference(of: fixture.model(on: ReferenceEngine())) < 1e-4)
  }

  @Test(arguments: GGUFFixture.all)
  func `keeps its packed matrices packed`(_ fixture: GGUFFixture) throws {
    let model = try fixture.model()
    let stored = try ModelFolder(at: fixture.file)
    for parameter in model.architecture.parameters {
      let type = try #require(stored[TensorName(parameter.path)]).type
      let expected = parameter.shape.rank == 2 ? type : .float32
      #expect(StoredType(model.store[parameter].type) == expected, "\(parameter.path)")
    }
  }

  @Test(arguments: [GGUFFixture.llama, .gemma])
  func `has the configuration and the norms of the model it was made of`(_ fixture: GGUFFixture)
    throws
  {
    let (file, folder) = (try ModelFolder(at: fixture.file), try ModelFolder(at: fixture.folder))
    #expect(
      try Architectures.numbers(of: file.config) == Architectures.numbers(of: folder.config))
    #expect(file.names == folder.names)
    for tensor in folder.tensors where tensor.shape.rank == 1 {
      let own = try file.tensor(tensor.name).floats()
      // Gemma's had 1 added in single precision.
      #expect(try largestDifference(own, tensor.floats()) < 1e-6, "\(tensor.name)")
    }
    #expect(try file.relativeDifference(from: folder) < 0.1)
    #expect(try folder.relativeDifference(from: folder) == 0)
  }

  @Test func `says Mistral where its name does, and Llama elsewhere`() throws {
    let names = try ["mistral", "llama"].map {
      try ModelFolder(at: GGUFFixture(name: $0).file).config.string("model_type")
    }
    #expect(names == ["mistral", "llama"])
  }

  @Test func `is read from all its parts, given any of them`() throws {
    for part in 1...3 {
      let url = GGUFFixture.root.appending(path: "llama-0000\(part)-of-00003.gguf")
      let model = try Model(from: url, precision: .float32, engine: CPUEngine())
      #expect(try GGUFFixture.llama.difference(of: model) < 1e-4)
      #expect(try model.tokenizer.vocabularySize == 282)
    }
  }

  @Test func `is refused if a part is missing or is not in its place`() throws {
    try withParts { folder in
      func name(_ part: Int) -> String { "llama-0000\(part)-of-00003.gguf" }
      try FileManager.default.removeItem(at: folder.appending(path: name(2)))
      let missing = message { try ModelFolder(at: folder.appending(path: name(1))) }
      #expect(missing.contains("1 of 3 parts of the model is missing: \(name(2))"), "\(missing)")
      try FileManager.default.copyItem(
        at: folder.appending(path: name(3)), to: folder.appending(path: name(2)))
      let twice = message { try ModelFolder(at: folder.appending(path: name(3))) }
      #expect(twice.contains("do not say part 2 of 3"), "\(twice)")
      try FileManager.default.moveItem(
        at: folder.appending(path: name(1)), to: folder.appending(path: "other.gguf"))
      let renamed = message { try ModelFolder(at: folder.appending(path: "other.gguf")) }
      #expect(renamed.contains("does not end in -0000N-of-00003.gguf"), "\(renamed)")
    }
  }

  @Test func `has rotary positions with any divisors of frequencies`() throws {
    let divisors = (1...16).map { Float($0) }
    try GGUFFixture.llama.changed(tensors: { tensors in
      tensors.map { tensor in
        tensor.name == "rope_freqs.weight"
          ? TensorSource(tensor.name, [16], floats: divisors) : TensorSource(tensor)
      }
    }) { url in
      let config = try ModelFolder(at: url).config
      let scaling = try config.object("rope_scaling")
      #expect(try scaling.string("rope_type") == "longrope")
      #expect(try scaling.optionalDoubles("long_factor") == divisors.map(Double.init))
      let frequencies = try RotaryScaling(config, positions: 128)
        .inverseFrequencies(headSize: 32, length: 64)
      let plain = try RotaryScaling(config.replacing(["rope_scaling": .null]), positions: 128)
        .inverseFrequencies(headSize: 32, length: 64)
      for (index, divisor) in divisors.enumerated() {
        #expect(abs(frequencies[index] * divisor / plain[index] - 1) < 1e-6)
      }
    }
  }

  private func withParts(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for part in 1...3 {
      let name = "llama-0000\(part)-of-00003.gguf"
      try FileManager.default.copyItem(
        at: GGUFFixture.root.appending(path: name), to: folder.appending(path: name))
    }
    try body(folder)
  }
}
