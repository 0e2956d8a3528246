import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTokenizers
import LowRankTransformers
import Testing

@Suite struct `The texts of a GGUF file` {
  private let texts: ModelTexts

  init() throws { texts = try ModelTexts(at: GGUFFixture.llama.file) }

  @Test func `are a configuration with the ids of special tokens`() throws {
    let config = try #require(try texts.json("config.json"))
    #expect(config.source.hasSuffix("llama.gguf"))
    #expect(try config.integer("eos_token_id") == 2 && config.integer("bos_token_id") == 1)
    #expect(try texts.json("special_tokens_map.json") == nil)
    #expect(texts.tokenizerKind == "llama" && texts.folder == nil)
  }

  @Test func `are a tokenizer that is the same as a tokenizer.json`() throws {
    let text = "the in an er étude\n"
    let own = try texts.tokenizer
    #expect(own.encode(text).ids.first == 1 && own.decode(own.encode(text).ids) == text)
    try withTemporaryFolder { folder in
      try texts.write(into: folder)
      let written = try Tokenizer(folder: folder)
      #expect(written.encode(text).ids == own.encode(text).ids)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(
        names == [
          "chat_template.jinja", "generation_config.json", "tokenizer.json",
          "tokenizer_config.json",
        ])
    }
  }

  @Test func `name every token at which generation stops, the end of a text first`() throws {
    let generation = try #require(try texts.json("generation_config.json"))
    // The template's <|im_end|> ends turns, though no key of the file says so.
    #expect(generation["eos_token_id"] == [2, 3])
    try GGUFFixture.llama.changed([("tokenizer.ggml.eom_token_id", .unsigned(7))]) { url in
      let more = try #require(try ModelTexts(at: url).json("generation_config.json"))
      #expect(more["eos_token_id"] == [2, 3, 7])
    }
  }

  @Test func `have all chat templates by name`() throws {
    let config = try #require(try texts.json("tokenizer_config.json"))
    let templates = try config.array("chat_template").compactMap(\.object)
    #expect(templates.compactMap { $0["name"]?.string } == ["default", "tool_use"])
    #expect(templates.last?["template"]?.string?.hasPrefix("tools {% for") == true)
    #expect(config["eos_token"]?.string == "</s>")
  }

  @Test func `go with a model that is saved as a folder, dense`() throws {
    let model = try GGUFFixture.llama.model()
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "saved")
      try model.save(to: folder, as: .float32)
      let saved = try Model(from: folder, precision: .float32, engine: CPUEngine())
      #expect(try GGUFFixture.llama.difference(of: saved) < 1e-4)
      #expect(try saved.tokenizer.encode("the").ids == model.tokenizer.encode("the").ids)
      #expect(try ModelTexts(at: folder).json("generation_config.json")?["eos_token_id"] == [2, 3])
      // Packed matrices become BF16 unless a type is asked for.
      try model.save(to: parent.appending(path: "plain"))
      let plain = try ModelFolder(at: parent.appending(path: "plain"))
      #expect(plain["model.layers.0.self_attn.q_proj.weight"]?.type == .bfloat16)
      #expect(plain["model.norm.weight"]?.type == .float32)
      #expect(plain.config["torch_dtype"] == "bfloat16")
    }
  }

  private func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}
