import Foundation
import LowRank
import LowRankTesting
import Testing

@Suite struct `An extracted adapter` {
  private let root = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")

  private static let config: JSONObject = [
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16,
    "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "vocab_size": 32, "max_position_embeddings": 32,
    "rms_norm_eps": 1e-5, "initializer_range": 0.3,
  ]

  /// A model of the seed in a folder of its own, its weights moved by the second seed where one is given.
  private func model(
    _ name: String, _ more: JSONObject = [:], movedBy seed: UInt64? = nil,
    where isMoved: (String) -> Bool = { _ in true }
  ) throws -> URL {
    var config = Self.config
    for (key, value) in more.entries { config[key] = value }
    var model = try Model(
      random: JSONFile(config, at: root), seed: 3, precision: .float32, engine: CPUEngine())
    if let seed {
      var random = Philox(key: seed)
      for parameter in model.architecture.parameters where isMoved(parameter.path) {
        let numbers = model.engine.floats(model.store[parameter])
          .map { $0 + 0.1 * Float(random.normal()) }
        model.store[parameter] = model.engine.tensor(numbers, parameter.shape, type: .float32)
      }
    }
    let folder = root.appending(path: name)
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    try model.save(to: folder)
    return folder
  }

  private func extract(_ base: URL, _ tuned: URL, _ more: String...) throws -> Lowrank {
    try Lowrank(
      [
        "extract", "--base", base.path, "--tuned", tuned.path, "--output", adapter.path, "--rank",
        "32",
      ] + more)
  }

  private var adapter: URL { root.appending(path: "adapter") }

  /// The log-probabilities of a few tokens.
  private func scores(_ model: URL, _ adapter: URL? = nil) throws -> [Double] {
    let answer = try Lowrank(
      ["score", "--model", model.path, "--ids", "1,5,9,12,30", "--json", "--precision", "f32"]
        + (adapter.map { ["--adapter", $0.path] } ?? []))
    #expect(answer.status == 0, "\(answer.errors)")
    return try #require(answer.json()["logprobs"]?.array).compactMap(\.double)
  }

  private func expectTuned(_ base: URL, _ tuned: URL) throws {
    let (found, expected) = (try scores(base, adapter), try scores(tuned))
    #expect(found.count == 4)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 2e-3, "\(found) \(expected)") }
  }

  @Test func `says where --rank limits it, and how much of the energy is lost`() throws {
    let base = try model("base")
    let tuned = try model("tuned", movedBy: 7) { $0.hasSuffix("_proj.weight") }
    func extracted(_ more: String...) throws -> Lowrank {
      try Lowrank(
        ["extract", "--base", base.path, "--tuned", tuned.path, "--output", adapter.path] + more
          + ["--overwrite", "--json"])
    }
    let limited = try extracted("--rank", "2", "--energy", "0.9")
    #expect(limited.status == 0, "\(limited.errors)")
    #expect(
      limited.errors.contains("note: --rank 2 limits --energy 0.9: 14 of 14 modules keep 2"),
      "\(limited.errors)")
    #expect(limited.errors.contains("warning: --rank 2 discards "))
    #expect(limited.errors.contains("give a larger --rank"))
    #expect(try limited.json()["modules_at_rank_limit"] == 14)
    let share = try #require(limited.json()["discarded_energy_share"]?.double)
    #expect(share > 0.3)
    // The share of the energy is of all that differs, whatever --rank is.
    let free = try extracted("--rank", "16", "--energy", "0.9")
    let lost = try #require(free.json()["discarded_energy_share"]?.double)
    #expect(lost <= 0.1 && lost > 0.08)
    #expect(!free.errors.contains("limits") && free.errors.contains("warning: --energy 0.9"))
    let whole = try extracted("--rank", "16")
    #expect(!whole.errors.contains("warning") && !whole.errors.contains("limits"))
    let partly = try extracted("--rank", "14", "--energy", "0.9")
    #expect(abs((try partly.json()["discarded_energy_share"]?.double ?? 1) - lost) < 0.01)
  }

  @Test func `has the head that only the tuned model has, and names it without --whole`() throws {
    let base = try model("base", ["tie_word_embeddings": true])
    let tuned = try model("tuned", ["tie_word_embeddings": false], movedBy: 7)
    let answer = try extract(base, tuned, "--whole", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let kept = try #require(answer.json()["kept_whole"]?.array).compactMap(\.string)
    #expect(kept.contains("lm_head") && kept.contains("model.embed_tokens"))
    #expect(try answer.json()["left_out"] == [])
    #expect(try answer.json()["config_keys"] == ["tie_word_embeddings"])
    #expect(answer.errors.contains("the configurations differ in tie_word_embeddings"))
    try expectTuned(base, tuned)

    let partly = try extract(base, tuned, "--overwrite")
    #expect(partly.status == 0)
    #expect(partly.errors.contains("note: lm_head.weight differs by"))
    #expect(partly.output.contains("left out: "))
    #expect(partly.output.contains("lm_head.weight"))
  }

  @Test func `keeps the head of a base whose tuned model ties it`() throws {
    let base = try model("base", ["tie_word_embeddings": false])
    let tuned = try model("tuned", ["tie_word_embeddings": true], movedBy: 7)
    let answer = try extract(base, tuned, "--whole", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    try expectTuned(base, tuned)
  }

  @Test func `has biases that differ, with --whole`() throws {
    let base = try model("base", ["attention_bias": true, "tie_word_embeddings": false])
    let tuned = try model(
      "tuned", ["attention_bias": true, "tie_word_embeddings": false], movedBy: 7)
    let partly = try extract(base, tuned)
    #expect(partly.errors.contains("note: model.layers.0.self_attn.q_proj.bias differs by"))
    let answer = try extract(base, tuned, "--whole", "--overwrite", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    try expectTuned(base, tuned)
  }

  @Test func `is refused with --whole where the configuration computes something else`() throws {
    let base = try model("base", ["tie_word_embeddings": false])
    let tuned = try model("tuned", ["tie_word_embeddings": false, "rope_theta": 500], movedBy: 7)
    let answer = try extract(base, tuned, "--whole")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("the configurations differ in rope_theta"))
    #expect(!FileManager.default.fileExists(atPath: adapter.path))
    let partly = try extract(base, tuned)
    #expect(partly.status == 0)
    #expect(partly.errors.contains("so the result is not the tuned model"))
  }

  @Test func `is refused where one model has layers or rows that the other lacks`() throws {
    let base = try model("base", ["tie_word_embeddings": false])
    let deeper = try model("deeper", ["tie_word_embeddings": false, "num_hidden_layers": 3])
    let more = try model("more", ["tie_word_embeddings": false, "vocab_size": 33])
    for (first, second) in [(base, deeper), (deeper, base)] {
      let answer = try extract(first, second)
      #expect(answer.status == 1 && answer.errors.contains("lacks the tensor \"model.layers.2."))
    }
    let answer = try extract(base, more)
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains("model.embed_tokens.weight is [32, 16] in the base and [33, 16]"))
  }

  @Test func `of a classifier has its head and its classes`() throws {
    let workshop = try ClassifierWorkshop()
    let trained = try workshop.trained()
    let tuned = workshop.place("tuned")
    #expect(try workshop.ask("merge", trained, "--output", tuned.path).status == 0)
    let answer = try extract(workshop.model, tuned, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("only the tuned model has bert.pooler.dense.weight"))
    let config = try JSONFile(at: adapter.appending(path: "adapter_config.json"))
    #expect(config["task_type"]?.string == "SEQ_CLS")
    let before = try workshop.ask("evaluate", trained, "--data", workshop.data.path).json()
    let after = try workshop.ask(
      "evaluate", adapter, "--data", workshop.data.path, "--text-column", "sentence",
      "--label-column", "label"
    ).json()
    #expect(before["accuracy"]?.double == after["accuracy"]?.double)
    #expect(try #require(after["accuracy"]?.double) > 0.9)
  }
}
