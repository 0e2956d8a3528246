import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `A checkpoint` {
  private let gpt2 = ModelFixture(name: "gpt2")

  @Test func `without the prefix of the base and with its mask buffers is the same model`() throws {
    let hub = try SafetensorsFile(at: gpt2.folder.appending(path: "hub.safetensors"))
    #expect(hub["h.0.attn.bias"] != nil && hub["wte.weight"] != nil)
    try withModel(gpt2, weights: "hub.safetensors") { _ in
    } then: { model in
      #expect(model.notes.isEmpty)
      for (ids, expected) in try gpt2.expected() {
        #expect(largestDifference(model.engine.floats(model.logits(ids)), expected) < 2e-4)
      }
    }
  }

  @Test func `may spell the numbers of its norms gamma and beta`() throws {
    try withModel(gpt2) { tensors in
      for (name, tensor) in tensors where name.contains("ln_") {
        tensors[name] = nil
        let legacy = name.replacing(".weight", with: ".gamma").replacing(".bias", with: ".beta")
        tensors[legacy] = tensor
      }
    } then: { model in
      for (ids, expected) in try gpt2.expected() {
        #expect(largestDifference(model.engine.floats(model.logits(ids)), expected) < 2e-4)
      }
    }
  }

  @Test func `may hold a head beside tied embeddings, with a warning`() throws {
    try withModel(gpt2) { tensors in
      tensors["lm_head.weight"] = tensors["transformer.wte.weight"]
    } then: { model in
      #expect(model.notes.count == 1)
      #expect(
        model.notes[0].hasSuffix(
          ": lm_head.weight is not used: the head is tied to the embeddings"))
    }
  }

  @Test
  func `with a head of other numbers than the tied embeddings is untied, which is said and saved`()
    throws
  {
    let fixture = ModelFixture(name: "llama-other-head")
    let model = try Model(from: fixture.folder, precision: .float32, engine: CPUEngine())
    #expect(!model.causal.isHeadTied && model.config["tie_word_embeddings"] == .bool(false))
    #expect(model.notes.count == 1 && model.notes[0].contains("lm_head.weight with other values"))
    try withSaved(model) { saved in
      #expect(saved.notes.isEmpty && !saved.causal.isHeadTied)
      let (ids, expected) = try #require(try fixture.expected().first)
      #expect(largestDifference(saved.engine.floats(saved.logits(ids)), expected) < 2e-4)
    }
  }

  @Test func `of a tied model that holds the head alone has it for its embeddings`() throws {
    for name in ["llama-head-alone", "gpt2-head-alone"] {
      let fixture = ModelFixture(name: name)
      let model = try Model(from: fixture.folder, precision: .float32, engine: CPUEngine())
      #expect(model.causal.isHeadTied && model.notes.isEmpty)
      try withSaved(model) { saved in
        #expect(saved.causal.isHeadTied)
        #expect(saved.folder?["lm_head.weight"] == nil)
        let (ids, expected) = try #require(try fixture.expected().first)
        #expect(largestDifference(saved.engine.floats(saved.logits(ids)), expected) < 2e-4)
      }
    }
  }

  private func withSaved(_ model: Model, _ body: (Model) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try model.save(to: folder)
    try body(try Model(from: folder, precision: .float32, engine: CPUEngine()))
  }

  @Test func `without the head that predicts tokens is refused, not given a random one`() throws {
    let llama = ModelFixture(name: "llama2")
    try withFolder(llama, changing: { $0["lm_head.weight"] = nil }) { folder in
      let found = message { try Model(from: folder, precision: .float32, engine: CPUEngine()) }
      #expect(
        found.hasPrefix("\(folder.relativePath): the checkpoint has no tensor lm_head.weight"))
    }
  }

  @Test func `without a tensor of its backbone is refused under any head`() throws {
    let bert = ModelFixture(name: "encoders/bert")
    for name in ["bert.embeddings.LayerNorm.weight", "bert.encoder.layer.0.output.dense.bias"] {
      try withFolder(bert, changing: { $0[name] = nil }) { folder in
        let found = message { try Model(from: folder, precision: .float32, engine: CPUEngine()) }
        #expect(found == "\(folder.relativePath): the checkpoint has no tensor \(name)")
      }
    }
  }

  @Test func `with a pooler of another width is refused, while a map to other classes starts anew`()
    throws
  {
    let bert = ModelFixture(name: "encoders/bert")
    try withFolder(
      bert,
      changing: {
        $0["bert.pooler.dense.weight"] = ([8, 16], [Float](repeating: 0, count: 128))
      }
    ) { folder in
      let found = message { try Model(from: folder, precision: .float32, engine: CPUEngine()) }
      #expect(found.contains("the tensor bert.pooler.dense.weight has shape [8, 16]"))
    }
    let five = Classification(count: 5, problem: .singleLabel)
    let model = try Model(
      from: bert.folder, as: .classifier(five), precision: .float32, engine: CPUEngine())
    #expect(model.freshModules == ["classifier"])
  }

  @Test func `may be asked for a fresh map to the classes although it has one`() throws {
    let bert = ModelFixture(name: "encoders/bert")
    let kept = try Model(from: bert.folder, precision: .float32, engine: CPUEngine())
    let fresh = try Model(
      from: bert.folder, precision: .float32, engine: CPUEngine(), seed: 4, renewsHead: true)
    #expect(kept.freshModules.isEmpty && fresh.freshModules == ["classifier"])
    #expect(fresh.notes.isEmpty)
    let ids: [Int32] = [1, 2, 3]
    let logits = [kept, fresh].map { $0.engine.floats($0.logits(ids)) }
    #expect(largestDifference(logits[0], logits[1]) > 1e-3)
  }

  @Test func `that lacks a tensor is refused by its name`() throws {
    try expectRefusal("the checkpoint has no tensor transformer.h.1.mlp.c_fc.bias") {
      $0["transformer.h.1.mlp.c_fc.bias"] = nil
    }
  }

  @Test func `with a tensor of another shape is refused`() throws {
    try expectRefusal(
      "the tensor transformer.ln_f.weight has shape [8, 2], the configuration asks for [16]"
    ) {
      $0["transformer.ln_f.weight"]?.shape = [8, 2]
    }
  }

  @Test func `with tensors that have no place is refused`() throws {
    try expectRefusal("the architecture has no place for 1 tensor: transformer.h.2.ln_1.weight") {
      $0["transformer.h.2.ln_1.weight"] = ([16], [Float](repeating: 0, count: 16))
    }
  }

  @Test func `with an architecture that is not built is refused`() throws {
    try withFolder(gpt2) { folder in
      let url = folder.appending(path: "config.json")
      var config = try JSONFile(at: url).object
      config["model_type"] = "mamba"
      try JSONValue.object(config).write(to: url)
      #expect(
        message { try Model(from: folder, precision: .float32, engine: CPUEngine()) }
          == "\(url.relativePath): the architecture mamba is not supported; supported are \(Architectures.supported.joined(separator: ", "))"
      )
    }
  }

  private func expectRefusal(_ sentence: String, _ change: (inout Tensors) -> Void) throws {
    try withFolder(gpt2, changing: change) { folder in
      #expect(
        message { try Model(from: folder, precision: .float32, engine: CPUEngine()) }
          == "\(folder.relativePath): \(sentence)")
    }
  }
}

/// The tensors of a checkpoint.
typealias Tensors = [String: (shape: Shape, values: [Float])]

/// Lends the folder of a fixture's model with changed tensors.
func withFolder(
  _ fixture: ModelFixture, weights: String = "model.safetensors",
  changing change: (inout Tensors) -> Void = { _ in }, _ body: (URL) throws -> Void
) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try FileManager.default.copyItem(
    at: fixture.folder.appending(path: "config.json"), to: folder.appending(path: "config.json"))
  var tensors: Tensors = [:]
  for tensor in try SafetensorsFile(at: fixture.folder.appending(path: weights)).tensors {
    tensors[tensor.name.text] = (tensor.shape, try tensor.floats())
  }
  change(&tensors)
  try SafetensorsFile.write(
    tensors.map { TensorSource(TensorName($0), $1.shape, floats: $1.values) },
    to: folder.appending(path: "model.safetensors"))
  try body(folder)
}

/// Opens a fixture's model with changed tensors.
func withModel(
  _ fixture: ModelFixture, weights: String = "model.safetensors",
  changing change: (inout Tensors) -> Void, then body: (Model) throws -> Void
) throws {
  try withFolder(fixture, weights: weights, changing: change) { folder in
    try body(try Model(from: folder, precision: .float32, engine: CPUEngine()))
  }
}

/// What an error says that `body` must throw; empty where it throws none.
func message<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return ""
  } catch {
    return String(describing: error)
  }
}
