import Foundation
import LowRank
import LowRankTestHub
import Testing

/// `--model owner/name/file.gguf`.
@Suite struct `A GGUF file by its name on the hub` {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "LowRankTransformersTests/Fixtures/gguf")
  private static let parts = (1...3).map { "llama-0000\($0)-of-00003.gguf" }

  private func run(_ body: (HubBeside) async throws -> Void) async throws {
    try await HubBeside.run { shop in
      var files: [String: Data] = [:]
      files["llama.gguf"] = try Data(contentsOf: Self.fixtures.appending(path: "llama.gguf"))
      for part in Self.parts {
        files["split/\(part)"] = try Data(contentsOf: Self.fixtures.appending(path: part))
      }
      shop.hub.add("owner/tiny-gguf", files: files)
      try await body(shop)
    }
  }

  @Test func `trains, scores and merges as the file itself does`() async throws {
    try await run { shop in
      let name = "owner/tiny-gguf/llama.gguf"
      let commit = try #require(shop.hub.commit("owner/tiny-gguf"))
      func training(_ model: String, _ place: String) -> [String] {
        [
          "train", "--model", model, "--data", shop.workshop.data.path, "--adapter-path",
          shop.workshop.place(place).path, "--rank", "2", "--batch-size", "4", "--iters", "2",
          "--learning-rate", "0.05", "--precision", "f32",
        ]
      }
      let trained = try await shop.lowrank(training(name, "a"))
      #expect(trained.status == 0, "\(trained.errors)")
      let adapter = shop.workshop.place("a")
      let config = try JSONFile(at: adapter.appending(path: "adapter_config.json"))
      #expect(try config.string("base_model_name_or_path") == name)
      #expect(try config.string("revision") == commit)
      let path = Self.fixtures.appending(path: "llama.gguf").path
      var outputs: [String] = []
      for model in [
        path, name, "owner/tiny-gguf@main/split/\(Self.parts[1])",
        "owner/tiny-gguf@\(commit)/llama.gguf",
      ] {
        let answer = try await shop.lowrank([
          "score", "--model", model, "--adapter", adapter.path, "--text", "the", "--precision",
          "f32", "--json",
        ])
        #expect(answer.status == 0, "\(model): \(answer.errors)")
        outputs.append(answer.output)
      }
      #expect(Set(outputs).count == 1)
      let merged = try await shop.lowrank([
        "merge", "--model", name, "--adapter", adapter.path, "--gguf", "F16", "--output",
        shop.workshop.place("m.gguf").path, "--max-kl", "1", "--max-logit-difference", "100",
      ])
      #expect(merged.status == 0, "\(merged.errors)")
      let inspected = try await shop.lowrank(["inspect", name, "--json"])
      #expect(try inspected.json()["tokenizer"] == "llama")
    }
  }

  @Test func `is pulled to the place that it is read from, and found offline`() async throws {
    try await run { shop in
      let pulled = try await shop.lowrank([
        "pull", "owner/tiny-gguf/split/\(Self.parts[0])", "--json",
      ])
      #expect(pulled.status == 0, "\(pulled.errors)")
      let json = try pulled.json()
      let file = try #require(json["file"]?.string)
      #expect(file.hasSuffix("/split/\(Self.parts[0])"))
      #expect(json["files"] == .array(Self.parts.map { .string("split/\($0)") }))
      let offline = try await shop.lowrank(
        ["inspect", "owner/tiny-gguf/split/\(Self.parts[2])"], ["HF_HUB_OFFLINE": "1"])
      #expect(offline.status == 0, "\(offline.errors)")
      let adapter = try await shop.lowrank(["pull", "owner/tiny-gguf/llama.gguf", "--adapter"])
      #expect(adapter.status == 2 && adapter.errors.contains("--adapter is for a repository"))
    }
  }

  @Test func `that is missing is answered with those that are there`() async throws {
    try await run { shop in
      for (model, sentence) in [
        (
          "owner/tiny-gguf/none.gguf",
          "owner/tiny-gguf holds no file none.gguf; its GGUF files are llama.gguf, split/\(Self.parts[0])"
        ), ("owner/tiny-gguf", "give the file, such as owner/tiny-gguf/llama.gguf"),
        ("owner/nobody/x.gguf", "has no model owner/nobody"),
        ("owner/tiny-gguf@none/x.gguf", "has no revision \"none\""),
        ("owner/tiny-gguf@/x.gguf", "names no revision after @"),
      ] {
        let answer = try await shop.lowrank(["score", "--model", model, "--ids", "1,2"])
        #expect(
          answer.status == 1 && answer.errors.contains(sentence), "\(model): \(answer.errors)")
      }
      // A file in a folder that is here is looked for in it alone.
      try FileManager.default.createDirectory(
        at: shop.workshop.place("owner/tiny-gguf"), withIntermediateDirectories: true)
      shop.hub.clearLog()
      let local = try await HubBeside.lowrank(
        ["score", "--model", "owner/tiny-gguf/llama.gguf", "--ids", "1,2"],
        shell: "cd '\(shop.workshop.root.path)'", shop.environment)
      #expect(local.status == 1 && shop.hub.log.isEmpty, "\(local.errors)")
    }
  }
}
