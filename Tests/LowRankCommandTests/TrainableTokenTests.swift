import Foundation
import LowRank
import Testing

@Suite struct `--trainable-tokens` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func file(_ adapter: String) throws -> SafetensorsFile {
    try SafetensorsFile(
      at: workshop.place(adapter).appending(path: "adapter_model.safetensors"))
  }

  private static let name: TensorName =
    "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta"

  @Test func `trains rows of the embeddings, by number or by text, and every verb has them`() throws
  {
    // "c" is token 3 of the workshop's tokenizer.
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "6", "--trainable-tokens", "5, c,0"))
    #expect(answer.status == 0, "\(answer.errors)")
    let config = try JSONFile(at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(config["trainable_token_indices"] == [5, 3, 0])
    let rows = try #require(file("a")[Self.name])
    #expect(rows.shape == [3, 16])
    let base = try #require(ModelFolder(at: workshop.model)["model.embed_tokens.weight"]).floats()
    let before = [5, 3, 0].flatMap { base[$0 * 16..<($0 + 1) * 16] }
    #expect(try rows.floats() != before)

    let (model, adapter) = (workshop.model.path, workshop.place("a").path)
    func measured(_ more: String...) throws -> Double {
      let answer = try Lowrank(
        [
          "evaluate", "--model", model, "--data",
          workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32", "--json",
        ] + more)
      #expect(answer.status == 0, "\(answer.errors)")
      return try #require(answer.json()["loss"]?.double)
    }
    let adapted = try measured("--adapter", adapter)
    let merging = try Lowrank(
      "merge", "--model", model, "--adapter", adapter, "--output", workshop.place("m").path)
    #expect(merging.status == 0, "\(merging.errors)")
    let merged = try Lowrank(
      "evaluate", "--model", workshop.place("m").path, "--data",
      workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32", "--json")
    let loss = try #require(merged.json()["loss"]?.double)
    #expect(abs(loss - adapted) < 1e-5)

    let compressed = try Lowrank(
      "compress", adapter, "--output", workshop.place("c").path, "--keep", "1")
    #expect(compressed.status == 0, "\(compressed.errors)")
    #expect(compressed.errors.contains("1 tensor without factors"), "\(compressed.errors)")
    #expect(try abs(measured("--adapter", workshop.place("c").path) - adapted) < 1e-6)
    let canonical = try Lowrank(
      "diff", adapter, "--canonical", "--output", workshop.place("k").path)
    #expect(canonical.status == 0, "\(canonical.errors)")
    #expect(try abs(measured("--adapter", workshop.place("k").path) - adapted) < 1e-4)

    let inspected = try Lowrank("inspect", adapter, "--json").json()
    #expect(inspected["trainable_token_indices"] == [5, 3, 0])
    #expect(inspected["other_tensors"] == [.string(Self.name.text)])
  }

  @Test func `are trained further with the adapter that has them`() throws {
    let first = try Lowrank(
      workshop.training(into: "a", "--iters", "3", "--trainable-tokens", "5,3"))
    #expect(first.status == 0, "\(first.errors)")
    let flags = workshop.training(
      into: "b", "--iters", "3", "--init-adapter", workshop.place("a").path)
    let further = try Lowrank(flags.filter { $0 != "--rank" && $0 != "2" })
    #expect(further.status == 0, "\(further.errors)")
    let (before, after) = (try #require(file("a")[Self.name]), try #require(file("b")[Self.name]))
    #expect(after.shape == [2, 16])
    #expect(try before.floats() != after.floats())
  }

  @Test(
    arguments: [
      ("99", "names token 99, but the model has tokens 0 to 31"),
      ("ab", "\"ab\" is not a single token of the model's tokenizer"),
      ("3,c", "names a token twice"), (",", "expected values between commas"),
    ])
  func `that make no sense are refused by name`(_ tokens: String, _ says: String) throws {
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--trainable-tokens", tokens))
    #expect(answer.status == 2)
    #expect(
      answer.errors.contains("--trainable-tokens") && answer.errors.contains(says),
      "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }

  @Test func `may stand in a run's file as a list`() throws {
    let file = workshop.place("run.yaml")
    try "trainable_tokens: [5, c]\niters: 1\n".write(to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank(workshop.training(into: "a", "-c", file.path))
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try self.file("a")[Self.name]?.shape == [2, 16])
  }

  @Test func `of other tokens do not add up`() throws {
    for (name, tokens) in [("a", "5"), ("b", "6")] {
      let answer = try Lowrank(
        workshop.training(
          into: name, "--iters", "1", "--trainable-tokens", tokens, "--learning-rate", "0"))
      #expect(answer.status == 0, "\(answer.errors)")
    }
    let answer = try Lowrank(
      "combine", workshop.place("a").path, workshop.place("b").path, "--output",
      workshop.place("sum").path)
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains("trainable_tokens_delta was trained whole and is not the same"),
      "\(answer.errors)")
  }
}

@Suite struct `An alpha that is small` {
  @Test func `is trained, written and read as it was given`() throws {
    let workshop = try Workshop()
    let training = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--alpha", "4e-7", "--learning-rate", "1e-9"))
    #expect(training.status == 0, "\(training.errors)")
    let config = try JSONFile(at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(config["lora_alpha"]?.double == 4e-7)
    let answer = try Lowrank(
      "score", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--ids",
      "1,2")
    #expect(answer.status == 0, "\(answer.errors)")
  }
}

@Suite struct `Weights that are integers` {
  @Test func `are refused by name when they are extracted from`() throws {
    let workshop = try Workshop()
    let tuned = workshop.place("tuned")
    try FileManager.default.copyItem(at: workshop.model, to: tuned)
    let place = tuned.appending(path: "model.safetensors")
    let file = try SafetensorsFile(at: place)
    let name: TensorName = "model.layers.0.self_attn.q_proj.weight"
    let sources = file.tensors.map { tensor in
      tensor.name == name
        ? TensorSource(
          name, .int8, tensor.shape, bytes: Array(repeating: 1, count: tensor.shape.count))
        : TensorSource(tensor)
    }
    let other = workshop.place("other")
    try SafetensorsFile.write(sources, to: other)
    try FileManager.default.removeItem(at: place)
    try FileManager.default.moveItem(at: other, to: place)
    let answer = try Lowrank(
      "extract", "--base", workshop.model.path, "--tuned", tuned.path, "--output",
      workshop.place("out").path, "--rank", "2")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("the tensor \(name) is stored as I8"), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("out").path))
  }
}

@Suite struct `Factors that are integers` {
  /// Every verb that reads an adapter, with ADAPTER in its place.
  static let verbs: [[String]] = [
    ["compress", "ADAPTER", "--output", "OUT"],
    ["convert", "ADAPTER", "--to", "mlx", "--output", "OUT"], ["analyze", "ADAPTER"],
    ["analyze", "ADAPTER", "--model", "MODEL", "--intruders"],
    ["compress", "ADAPTER", "--output", "OUT", "--model", "MODEL", "--calibrate", "ROWS"],
    ["diff", "ADAPTER", "ADAPTER"], ["diff", "ADAPTER", "--canonical", "--output", "OUT"],
    ["combine", "ADAPTER", "ADAPTER", "--output", "OUT"], ["inspect", "ADAPTER"],
    ["push", "ADAPTER", "me/it", "--dry-run"],
    ["evaluate", "--model", "MODEL", "--adapter", "ADAPTER", "--data", "ROWS"],
    ["score", "--model", "MODEL", "--adapter", "ADAPTER", "--ids", "1"],
    ["generate", "--model", "MODEL", "--adapter", "ADAPTER", "--prompt", "a"],
    ["merge", "--model", "MODEL", "--adapter", "ADAPTER", "--output", "OUT"],
  ]

  @Test(arguments: verbs) func `are refused by name`(_ words: [String]) throws {
    let workshop = try AdapterWorkshop()
    let file = try SafetensorsFile(at: workshop.weights)
    let name = try #require(file.names.sorted().first)
    let sources = file.tensors.map { tensor in
      tensor.name == name
        ? TensorSource(
          name, .int8, tensor.shape, bytes: Array(repeating: 1, count: tensor.shape.count))
        : TensorSource(tensor)
    }
    let other = workshop.workshop.place("other")
    try SafetensorsFile.write(sources, metadata: file.metadata, to: other)
    try FileManager.default.removeItem(at: workshop.weights)
    try FileManager.default.moveItem(at: other, to: workshop.weights)
    let answer = try Lowrank(
      words.map {
        $0.replacing("ADAPTER", with: workshop.adapter.path)
          .replacing("MODEL", with: workshop.model.path)
          .replacing("OUT", with: workshop.workshop.place("out").path)
          .replacing("ROWS", with: workshop.workshop.data.appending(path: "valid.jsonl").path)
      })
    #expect(answer.status == 1, "\(answer.status): \(answer.errors)")
    #expect(
      answer.errors.contains("the tensor \(name) is stored as I8, expected F32, BF16, F16 or F64"),
      "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.workshop.place("out").path))
  }
}
