import Foundation
import LowRank
import Testing

/// `--model` of every verb takes a GGUF file.
@Suite struct `A GGUF file as --model` {
  private let workshop: Workshop
  private let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "LowRankTransformersTests/Fixtures/gguf")
  private var model: String { fixtures.appending(path: "llama.gguf").path }

  init() throws { workshop = try Workshop() }

  private func run(_ arguments: String...) throws -> Lowrank {
    let answer = try Lowrank(arguments)
    #expect(answer.status == 0, "\(arguments): \(answer.errors)")
    return answer
  }

  /// An adapter that was trained for a few steps.
  private func train(_ name: String = "a", on model: String? = nil, _ more: String...) throws -> URL
  {
    let place = workshop.place(name)
    let answer = try Lowrank(
      [
        "train", "--model", model ?? self.model, "--data", workshop.data.path, "--adapter-path",
        place.path, "--rank", "2", "--batch-size", "4", "--iters", "3", "--learning-rate", "0.05",
        "--precision", "f32", "--json",
      ] + more)
    #expect(answer.status == 0, "\(answer.errors)")
    return place
  }

  @Test func `trains, evaluates, generates and scores`() throws {
    let adapter = try train()
    let facts = try JSONFile(at: adapter.appending(path: "lowrank.json"))
    #expect(facts["base_storage"] == "2 F16, 5 F32, 3 Q4_0, 2 Q4_1, 2 Q5_0, 2 Q5_1, 5 Q8_0")
    let config = try JSONFile(at: adapter.appending(path: "adapter_config.json"))
    #expect(try config.string("base_model_name_or_path") == model)
    let flags = ["--model", model, "--precision", "f32", "--json"]
    func loss(_ more: [String]) throws -> Double {
      let answer = try Lowrank(["evaluate", "--data", workshop.data.path] + flags + more)
      return try #require(answer.json()["loss"]?.double, "\(answer.errors)")
    }
    #expect(try loss(["--adapter", adapter.path]) < loss([]) - 0.01)
    let text = try Lowrank(["generate", "--prompt", "the", "--max-tokens", "4"] + flags)
    #expect(text.status == 0, "\(text.errors)")
    let scores = try Lowrank("score", "--text", "the", "--model", model, "--precision", "f32")
    #expect(scores.output.contains("▁the"), "\(scores.errors)")
    let chat = try Lowrank(["generate", "--chat", "--prompt", "the", "--max-tokens", "4"] + flags)
    #expect(chat.status == 0, "\(chat.errors)")
  }

  @Test func `is checked, embedded, measured and planned with`() throws {
    let check = try run("data", "check", "--model", model, "--data", workshop.data.path)
    #expect(check.output.contains("</s>"), "\(check.output)")
    #expect(try run("embed", "--model", model, "--text", "the").output.contains("embedding"))
    let speed = try run(
      "bench", "train", "--model", model, "--steps", "1", "--warmup", "0", "--length", "8", "--json"
    )
    #expect(try speed.json()["tokens_per_second"] != nil)
    let plan = try run(
      "train", "--model", model, "--data", workshop.data.path, "--adapter-path",
      workshop.place("p").path, "--dry-run", "--json")
    #expect(plan.status == 0)
    let both = try Lowrank("bench", "train", "--model", model, "--config", model)
    #expect(both.status == 2 && both.errors.contains("exclude each other"))
  }

  @Test func `merges into a folder that needs nothing of the file`() throws {
    let adapter = try train()
    let place = workshop.place("merged")
    let merged = try run(
      "merge", "--model", model, "--adapter", adapter.path, "--dtype", "f32", "--output", place.path
    )
    #expect(merged.output.contains("tokens of sample texts"), "\(merged.output)")
    let one = try run(
      "evaluate", "--model", place.path, "--data", workshop.data.path, "--precision", "f32",
      "--json")
    let two = try run(
      "evaluate", "--model", model, "--adapter", adapter.path, "--data", workshop.data.path,
      "--precision", "f32", "--json")
    let twice = try Lowrank(
      "evaluate", "--model", place.path, "--adapter", adapter.path, "--data", workshop.data.path)
    #expect(twice.status != 0 && twice.errors.contains("fingerprint"), "\(twice.errors)")
    let losses = try [one, two].map { try #require($0.json()["loss"]?.double) }
    #expect(abs(losses[0] - losses[1]) < 1e-4, "\(losses)")
    for name in ["tokenizer.json", "chat_template.jinja", "generation_config.json"] {
      #expect(FileManager.default.fileExists(atPath: place.appending(path: name).path))
    }
    let refused = try Lowrank(
      "merge", "--model", model, "--adapter", adapter.path, "--gguf", "F16", "--output", model,
      "--overwrite")
    #expect(refused.status != 0 && refused.errors.contains("read from"), "\(refused.errors)")
  }

  @Test func `is the base of compressing, analyzing, extracting and converting`() throws {
    let adapter = try train()
    _ = try run(
      "compress", adapter.path, "--model", model, "--verify", "--data", workshop.data.path,
      "--output", workshop.place("small").path)
    _ = try run("analyze", adapter.path, "--model", model)
    _ = try run(
      "merge", "--model", model, "--adapter", adapter.path, "--dtype", "f32", "--output",
      workshop.place("merged").path)
    _ = try run(
      "extract", "--base", model, "--tuned", workshop.place("merged").path, "--rank", "2",
      "--output", workshop.place("extracted").path)
    let distance = try run(
      "diff", adapter.path, workshop.place("extracted").path, "--json"
    ).json()
    #expect(
      try #require(distance["relative_distance"]?.double ?? distance["relative"]?.double) < 1e-3)
    let gguf = workshop.place("a.gguf").path
    _ = try run("convert", adapter.path, "--to", "gguf", "--model", model, "--output", gguf)
    let one = try run(
      "evaluate", "--model", model, "--adapter", gguf, "--data", workshop.data.path, "--precision",
      "f32", "--json")
    let two = try run(
      "evaluate", "--model", model, "--adapter", adapter.path, "--data", workshop.data.path,
      "--precision", "f32", "--json")
    #expect(try one.json()["loss"] == two.json()["loss"])
  }

  @Test func `takes added tokens, whose rows lie in the adapter`() throws {
    let adapter = try train("t", on: nil, "--add-tokens", "<x>,<y>")
    let text = try run(
      "score", "--model", model, "--adapter", adapter.path, "--text", "the <x>")
    #expect(text.output.contains("<x>"))
  }

  @Test func `is described by inspect`() throws {
    let json = try run("inspect", model, "--json").json()
    #expect(json["architecture"] == "LlamaForCausalLM" && json["kind"] == "model")
    #expect(json["parameters"] == 122_432 && json["bytes"] == 116_112)
    #expect(
      json["types"] == [
        "F16": 2, "F32": 5, "Q4_0": 3, "Q4_1": 2, "Q5_0": 2, "Q5_1": 2, "Q8_0": 5,
      ])
    #expect(json["tokenizer"] == "llama" && json["context"] == 128)
    let text = try run("inspect", model).output
    #expect(text.contains("context: 128") && text.contains("tokenizer: llama"))
  }

  @Test func `and the folder that it was made of take each other's adapters`() throws {
    let adapter = try train()
    let folder = fixtures.appending(path: "llama").path
    let answer = try run(
      "score", "--model", folder, "--adapter", adapter.path, "--ids", "1,2,3", "--precision", "f32")
    #expect(
      answer.errors.contains("stored otherwise") && answer.errors.contains("the weights differ by"),
      "\(answer.errors)")
    let other = try Lowrank(
      "score", "--model", fixtures.appending(path: "qwen2.gguf").path, "--adapter", adapter.path,
      "--ids", "1,2,3")
    #expect(other.status == 1 && other.errors.contains("[check: fingerprint]"), "\(other.errors)")
  }

  @Test func `is trained whole by pretrain, and stored in f32`() throws {
    let place = workshop.place("whole")
    let answer = try Lowrank(
      "pretrain", "--model", model, "--data", workshop.data.path, "--iters", "1", "--batch-size",
      "2", "--max-seq-length", "16", "--output", place.path)
    #expect(answer.status == 0, "\(answer.errors)")
    let folder = try ModelFolder(at: place)
    #expect(Set(folder.tensors.map(\.type)) == [.float32])
    #expect(try folder.config.string("torch_dtype") == "float32")
    #expect(try Lowrank("pretrain", "--help").output.contains("GGUF"))
  }

  @Test func `is refused in one sentence if it is cut short or not there`() throws {
    let bytes = try Data(contentsOf: URL(filePath: model))
    for count in [3, 100, 5000, bytes.count - 40] {
      let url = workshop.place("cut.gguf")
      try bytes.prefix(count).write(to: url)
      let answer = try Lowrank("evaluate", "--model", url.path, "--data", workshop.data.path)
      let lines = answer.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
      #expect(answer.status == 1 && lines.count == 1, "\(count): \(answer.errors)")
      #expect(answer.errors.contains("cut.gguf"), "\(answer.errors)")
    }
    let missing = try Lowrank("evaluate", "--model", "nowhere.gguf", "--data", workshop.data.path)
    #expect(missing.status == 1 && missing.errors.contains("a GGUF file"), "\(missing.errors)")
  }
}
