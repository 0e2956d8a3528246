import Foundation
import LowRank
import Testing

/// `merge --gguf` writes a GGUF file of a GGUF base.
@Suite struct `lowrank merge into a GGUF file` {
  private let workshop: Workshop
  private let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "LowRankTransformersTests/Fixtures/gguf")
  private var model: String { fixtures.appending(path: "llama.gguf").path }
  /// Types round the tiny model's weights more than a real one's logits feel.
  private let wide = ["--max-kl", "1", "--max-logit-difference", "100"]

  init() throws { workshop = try Workshop() }

  /// An adapter that was trained for a few steps.
  private func train(_ more: String...) throws -> String {
    let place = workshop.place("adapter").path
    let answer = try Lowrank(
      [
        "train", "--model", model, "--data", workshop.data.path, "--adapter-path", place, "--rank",
        "2", "--batch-size", "4", "--iters", "3", "--learning-rate", "0.05", "--precision", "f32",
      ] + more)
    #expect(answer.status == 0, "\(answer.errors)")
    return place
  }

  private func merge(
    _ adapter: String, into name: String, _ more: [String], of model: String? = nil
  ) throws -> Lowrank {
    try Lowrank(
      [
        "merge", "--model", model ?? self.model, "--adapter", adapter, "--output",
        workshop.place(name).path,
      ] + more)
  }

  private func loss(of model: String, _ more: String...) throws -> Double {
    let answer = try Lowrank(
      [
        "evaluate", "--model", model, "--data", workshop.data.path, "--precision", "f32", "--json",
      ] + more)
    return try #require(answer.json()["loss"]?.double, "\(answer.errors)")
  }

  @Test func `writes what computes as base and adapter do, and says how far it is`() throws {
    let adapter = try train()
    let expected = try loss(of: model, "--adapter", adapter)
    for (type, most) in [("F16", 1e-3), ("BF16", 1e-2), ("q8_0", 2e-2)] {
      let name = "merged-\(type).gguf"
      let answer = try merge(adapter, into: name, ["--gguf", type, "--json"] + wide)
      #expect(answer.status == 0, "\(answer.errors)")
      let json = try answer.json()
      let types = json["types"]?.array?.compactMap(\.string) ?? []
      #expect(Set(types) == ["F32", type.uppercased()])
      #expect(json["format"] == "gguf" && json["samples"] == "sample texts")
      let path = workshop.place(name).path
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(size != nil && json["bytes"]?.integer == size)
      #expect(try #require(json["kl"]?.double) < #require(json["adapter_kl"]?.double) / 2)
      #expect(try abs(loss(of: path) - expected) < most, "\(type)")
      let inspected = try Lowrank("inspect", path, "--json").json()
      #expect(inspected["tokenizer"] == "llama" && inspected["context"] == 128)
    }
    let twice = try Lowrank(
      "evaluate", "--model", workshop.place("merged-F16.gguf").path, "--adapter", adapter,
      "--data", workshop.data.path)
    #expect(twice.status == 1 && twice.errors.contains("[check: fingerprint]"), "\(twice.errors)")
  }

  @Test func `takes the metadata of a GGUF file for a model in a folder`() throws {
    let (adapter, folder) = (try train(), fixtures.appending(path: "llama").path)
    let refused = try merge(adapter, into: "m.gguf", ["--gguf", "F16"], of: folder)
    #expect(refused.status == 2 && refused.errors.contains("with --metadata"), "\(refused.errors)")
    let answer = try merge(
      adapter, into: "m.gguf", ["--gguf", "F16", "--metadata", model] + wide, of: folder)
    #expect(answer.status == 0, "\(answer.errors)")
    let found = try loss(of: workshop.place("m.gguf").path)
    // The file has its tokenizer of the metadata, and the weights of the folder.
    _ = try merge(adapter, into: "merged", ["--dtype", "f32"] + wide, of: folder)
    let merged = workshop.place("merged").path
    let scores = try [workshop.place("m.gguf").path, merged].map {
      try Lowrank("score", "--model", $0, "--ids", "1,3,40,100,50", "--precision", "f32", "--json")
        .json()["logprobs"]?.array?.compactMap(\.double) ?? []
    }
    #expect(found > 0 && scores[0].count == 4 && scores[1].count == 4)
    for (one, two) in zip(scores[0], scores[1]) { #expect(abs(one - two) < 0.02) }
    let other = try merge(
      adapter, into: "o.gguf",
      ["--gguf", "F16", "--metadata", fixtures.appending(path: "mistral.gguf").path], of: folder)
    #expect(other.status == 1 && other.errors.contains("of another model than"), "\(other.errors)")
  }

  @Test func `says in one sentence what is wrong, and writes nothing`() throws {
    let adapter = try train()
    let others = ["config.json", "notes.txt"].map { workshop.place($0) }
    for file in others { try Data("x".utf8).write(to: file) }
    let before = try FileManager.default.contentsOfDirectory(atPath: workshop.root.path).sorted()
    for (name, flags, status, sentence) in [
      ("m.gguf", ["--gguf", "Q4_K"], 2, "--gguf is \"Q4_K\", expected F16, BF16"),
      ("m.gguf", ["--gguf", "F16", "--dtype", "f32"], 2, "--dtype is for a folder"),
      ("m.gguf", [], 2, "add --gguf F16, BF16 or Q8_0"),
      ("m", ["--metadata", model], 2, "--metadata has no effect without --gguf"),
      ("m.gguf", ["--gguf", "F16", "--metadata", model], 2, "is for a model in a folder"),
      ("notes.txt", ["--gguf", "F16", "--overwrite"], 2, "is not a GGUF file"),
      ("data", ["--gguf", "F16", "--overwrite"], 1, "is not a regular file"),
      ("m.gguf", ["--gguf", "Q8_0", "--max-kl", "0"], 1, "so nothing was written"),
    ] as [(String, [String], Int32, String)] {
      let answer = try merge(adapter, into: name, flags)
      let lines = answer.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
      #expect(answer.status == status && lines.count == 1, "\(flags): \(answer.errors)")
      #expect(answer.errors.contains(sentence), "\(flags): \(answer.errors)")
    }
    let other = try merge(
      adapter, into: "m.gguf", ["--gguf", "F16"], of: fixtures.appending(path: "qwen2.gguf").path)
    #expect(other.status == 1 && other.errors.contains("[check: fingerprint]"), "\(other.errors)")
    let after = try FileManager.default.contentsOfDirectory(atPath: workshop.root.path).sorted()
    #expect(after == before)
    #expect(try merge(adapter, into: "m.gguf", ["--gguf", "F16"] + wide).status == 0)
    let again = try merge(adapter, into: "m.gguf", ["--gguf", "F16"] + wide)
    #expect(again.status == 1 && again.errors.contains("--overwrite"), "\(again.errors)")
    #expect(
      try merge(adapter, into: "m.gguf", ["--gguf", "F16", "--overwrite"] + wide).status == 0)
  }

  @Test func `refuses added tokens by name`() throws {
    let adapter = try train("--add-tokens", "<x>,<y>")
    let answer = try merge(adapter, into: "m.gguf", ["--gguf", "F16"] + wide)
    #expect(
      answer.status == 1
        && answer.errors.contains(
          "cannot hold the tokens \"<x>\", \"<y>\" that the adapter adds; leave out --gguf"),
      "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("m.gguf").path))
  }

  @Test func `writes the adapter's own chat template`() throws {
    let adapter = try train()
    let template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}</s>{% endfor %}"
    try Data(template.utf8).write(to: URL(filePath: adapter).appending(path: "chat_template.jinja"))
    let answer = try merge(adapter, into: "m.gguf", ["--gguf", "F16"] + wide)
    #expect(answer.status == 0, "\(answer.errors)")
    let file = try GGUFFile(at: workshop.place("m.gguf"))
    #expect(file["tokenizer.chat_template"] == .string(template))
    #expect(file["tokenizer.chat_template.tool_use"] != nil)
  }
}
