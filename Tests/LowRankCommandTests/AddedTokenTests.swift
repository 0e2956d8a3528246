import Foundation
import LowRank
import Testing

@Suite struct `--add-tokens` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func training(_ data: URL, into name: String, _ more: String...) -> [String] {
    [
      "train", "--model", workshop.model.path, "--data", data.path, "--adapter-path",
      workshop.place(name).path, "--rank", "4", "--batch-size", "2", "--learning-rate", "0.03",
      "--precision", "f32", "--json",
    ] + more
  }

  private func loss(_ data: URL, _ more: String...) throws -> Double {
    let answer = try Lowrank(
      [
        "evaluate", "--data", data.appending(path: "train.jsonl").path, "--precision", "f32",
        "--json",
      ] + more)
    return try #require(try answer.json()["loss"]?.double, "\(answer.errors)")
  }

  private func json(_ folder: String, _ name: String) throws -> JSONFile {
    try JSONFile(at: workshop.place(folder).appending(path: name))
  }

  @Test func `trains the marks of a named template, and every verb has them`() throws {
    let data = try workshop.conversations(withTemplate: false)
    let run = try Lowrank(
      training(data, into: "a", "--iters", "150", "--chat-template", "chatml", "--add-tokens"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "added tokens: <|im_start|> (32), <|im_end|> (33); the vocabulary grows from 32 to 34"),
      "\(run.errors)")
    // The tokenizer has no line end.
    #expect(!run.errors.contains("several tokens"), "\(run.errors)")
    let ids: JSONValue = [32, 33]
    #expect(
      try json("a", "adapter_config.json")["trainable_token_indices"]
        == ["embed_tokens": ids, "lm_head": ids])
    #expect(
      try String(
        contentsOf: workshop.place("a").appending(path: "chat_template.jinja"), encoding: .utf8)
        == NamedTemplate.chatml.source)
    #expect(try Tokenizer(folder: workshop.place("a")).encode("<|im_end|>a").ids == [33, 1])
    let states = try FileManager.default.subpathsOfDirectory(
      atPath: workshop.place("a").appending(path: "state").path)
    #expect(!states.contains { $0.hasSuffix("tokenizer.json") }, "\(states)")

    let (model, adapter) = (workshop.model.path, workshop.place("a").path)
    let adapted = try loss(data, "--model", model, "--adapter", adapter)
    #expect(adapted < 0.5)
    let said = try Lowrank(
      "generate", "--model", model, "--adapter", adapter, "--chat", "--prompt", "hi",
      "--precision", "f32", "--max-tokens", "8", "--json")
    let completion = try said.json()["completions"]?.array?.first?.object
    #expect(completion?["completion"] == "ho", "\(said.errors)")
    // The answer stops at the mark that ends its turn.
    #expect(completion?["ids"]?.array?.count ?? 9 <= 3)

    let merging = try Lowrank(
      "merge", "--model", model, "--adapter", adapter, "--output", workshop.place("m").path)
    #expect(merging.status == 0, "\(merging.errors)")
    #expect(try json("m", "config.json")["vocab_size"] == 34)
    #expect(try json("m", "generation_config.json")["eos_token_id"] == [0, 33])
    #expect(try abs(loss(data, "--model", workshop.place("m").path) - adapted) < 1e-5)

    let small = workshop.place("c").path
    let compressed = try Lowrank("compress", adapter, "--output", small, "--keep", "1")
    #expect(compressed.status == 0, "\(compressed.errors)")
    #expect(try abs(loss(data, "--model", model, "--adapter", small) - adapted) < 1e-4)

    let further = try Lowrank(
      training(data, into: "b", "--iters", "1", "--init-adapter", adapter)
        .filter { !["--rank", "4"].contains($0) }.map { $0 == "0.03" ? "1e-9" : $0 })
    #expect(further.status == 0, "\(further.errors)")
    #expect(
      try abs(loss(data, "--model", model, "--adapter", workshop.place("b").path) - adapted) < 1e-4)
  }

  @Test func `of a list are added with their rows at the mean`() throws {
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "1", "--learning-rate", "1e-12", "--add-tokens", "<x>,<y>,<end>",
        "--trainable-tokens", "5"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try json("a", "adapter_config.json")["trainable_token_indices"]
        == ["embed_tokens": [5, 32, 33], "lm_head": [32, 33]])
    let base = try ModelFolder(at: workshop.model)
    let file = try SafetensorsFile(
      at: workshop.place("a").appending(path: "adapter_model.safetensors"))
    for name in ["lm_head", "model.embed_tokens"] {
      let table = try #require(base[TensorName(name + ".weight")]).floats()
      let rows = try #require(
        file[TensorName("base_model.model.\(name).token_adapter.trainable_tokens_delta")]
      ).floats()
      let mean = (0..<16).map { column in
        (0..<32).reduce(Float(0)) { $0 + table[$1 * 16 + column] } / 32
      }
      #expect(zip(rows.suffix(16), mean).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func `take rows that the model has to spare, from the mean of the others`() throws {
    let file = workshop.model.appending(path: "tokenizer.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    // Without its last token, the tokenizer leaves the last of 32 rows unused.
    let shorter = text.replacing(/,\s*"!"\s*:\s*31/, with: "")
    #expect(shorter != text)
    try shorter.write(to: file, atomically: true, encoding: .utf8)
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "1", "--learning-rate", "1e-12", "--add-tokens", "<x>"))
    #expect(
      run.status == 0 && run.errors.contains("<x> (31); the vocabulary of 32 has room for them"),
      "\(run.errors)")
    let base = try ModelFolder(at: workshop.model)
    let weights = try SafetensorsFile(
      at: workshop.place("a").appending(path: "adapter_model.safetensors"))
    let table = try #require(base["lm_head.weight"]).floats()
    let row = try #require(
      weights["base_model.model.lm_head.token_adapter.trainable_tokens_delta"]
    ).floats()
    let mean = (0..<16).map { column in
      (0..<31).reduce(Float(0)) { $0 + table[$1 * 16 + column] } / 31
    }
    #expect(row.count == 16 && zip(row, mean).allSatisfy { abs($0 - $1) < 1e-5 })
    let merging = try Lowrank(
      "merge", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--output",
      workshop.place("m").path)
    #expect(merging.status == 0, "\(merging.errors)")
    #expect(try json("m", "config.json")["vocab_size"] == 32)
  }

  @Test func `continues after an interruption as if there was none`() throws {
    let data = try workshop.conversations(withTemplate: false)
    func run(_ name: String, _ more: String...) throws {
      let flags = [
        "--iters", "6", "--chat-template", "chatml", "--add-tokens", "--save-every", "3",
      ]
      let answer = try Lowrank(training(data, into: name) + flags + more)
      #expect(answer.status == 0, "\(answer.errors)")
    }
    try run("a")
    try run("b")
    let weights = "adapter_model.safetensors"
    let newest = workshop.place("b").appending(path: "state/step-00000006")
    #expect(FileManager.default.fileExists(atPath: newest.path))
    try FileManager.default.removeItem(at: newest)
    try run("b", "--resume")
    let (a, b) = (workshop.place("a"), workshop.place("b"))
    #expect(
      try Data(contentsOf: a.appending(path: weights))
        == Data(contentsOf: b.appending(path: weights)))
    #expect(FileManager.default.fileExists(atPath: b.appending(path: "tokenizer.json").path))
    let other = try Lowrank(
      training(data, into: "b") + [
        "--iters", "6", "--chat-template", "chatml", "--add-tokens", "<|im_end|>", "--resume",
      ])
    #expect(
      other.status == 2 && other.errors.contains("--add-tokens <|im_end|>; give --add-tokens"),
      "\(other.errors)")
  }

  @Test(arguments: ["add_tokens: true", "add_tokens: ['<|im_start|>', '<|im_end|>']"])
  func `may stand in a run's file`(line: String) throws {
    let data = try workshop.conversations(withTemplate: false)
    try workshop.write("\(line)\nchat_template: chatml\n", to: workshop.root, "run.yaml")
    let run = try Lowrank(
      training(data, into: "a", "--iters", "1", "-c", workshop.place("run.yaml").path))
    #expect(run.status == 0 && run.errors.contains("<|im_end|> (33)"), "\(run.errors)")
  }

  @Test(
    arguments: [
      (["--add-tokens"], 2, "--add-tokens needs a chat template"),
      (
        ["--add-tokens", "a,,b"], 2,
        "has an empty token beside a comma; expected tokens between commas"
      ),
      (["--add-tokens", "<a>,<a>"], 2, "names a token twice"),
      (["--add-tokens", "--chat-template", "alpaca"], 2, "has no marks of its own"),
      (
        ["--add-tokens", "<a>", "--init-adapter", "a"], 2,
        "--add-tokens has no effect with --init-adapter"
      ),
      (["--add-tokens", "<a>", "--task", "regression"], 2, "no effect with --task regression"),
      (
        ["--add-tokens", "<a>", "--target", "embed_tokens"], 2,
        "a module that the target leaves out"
      ),
    ] as [([String], Int32, String)])
  func `that make no sense are refused`(flags: [String], status: Int32, says: String) throws {
    #expect(try Lowrank(workshop.training(into: "a", "--iters", "1")).status == 0)
    let flags = flags.map { $0 == "a" ? workshop.place("a").path : $0 }
    let base = workshop.training(into: "b", "--iters", "1")
    let answer = try Lowrank(
      (flags.contains("--init-adapter") ? base.filter { !["--rank", "2"].contains($0) } : base)
        + flags)
    #expect(answer.status == status && answer.errors.contains(says), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("b").path))
  }

  @Test func `that are words or hold control characters are named`() throws {
    func said(_ tokens: String) throws -> String {
      let answer = try Lowrank(
        workshop.training(into: "a", "--iters", "1", "--overwrite", "--add-tokens", tokens))
      #expect(answer.status == 0, "\(answer.errors)")
      return answer.errors
    }
    #expect(!(try said("<|a|>,[b]").contains("warning")))
    let words = try said("<|a|>,the end,b")
    #expect(
      words.contains(
        "warning: --add-tokens: \"the end\", \"b\" are words without marks such as <|…|>; as special tokens they are cut out of every text"
      ), "\(words)")
    let odd = try said("<\u{1b}>")
    #expect(
      odd.contains("warning: --add-tokens: \"<\\u{1B}>\" holds control characters"), "\(odd)")
  }

  @Test func `that the tokenizer has already are said`() throws {
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--add-tokens", "<end>"))
    #expect(
      answer.status == 0 && answer.errors.contains("the tokenizer has these tokens already"),
      "\(answer.errors)")
    #expect(
      !FileManager.default.fileExists(
        atPath: workshop.place("a").appending(path: "tokenizer.json").path))
  }

  @Test func `needs a tokenizer.json`() throws {
    try FileManager.default.removeItem(at: workshop.model.appending(path: "tokenizer.json"))
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--add-tokens", "<x>"))
    #expect(
      answer.status == 1 && answer.errors.contains("holds no tokenizer.json"), "\(answer.errors)")
  }
}

@Suite struct `--chat-template NAME` {
  @Test func `warns of marks that are several tokens`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations(withTemplate: false)
    let template = "{% for message in messages %}<|me|>{{ message.content }}<end>{% endfor %}"
    try workshop.write(template, to: workshop.root, "t.jinja")
    let flags = workshop.training(
      into: "a", "--iters", "1", "--chat-template", workshop.place("t.jinja").path
    ).map { $0 == workshop.data.path ? data.path : $0 }
    let split = try Lowrank(flags)
    #expect(split.status == 0, "\(split.errors)")
    #expect(
      split.errors.contains(
        "warning: marks of the chat template are several tokens for this tokenizer: <|me|> (2); --add-tokens makes each one token"
      ), "\(split.errors)")
    let said = try Lowrank(
      "generate", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--chat",
      "--prompt", "a", "--max-tokens", "1")
    #expect(said.errors.contains("train with --add-tokens"), "\(said.errors)")
    let added = try Lowrank(flags + ["--add-tokens", "--overwrite"])
    #expect(
      added.status == 0 && added.errors.contains("added tokens: <|me|> (32)")
        && !added.errors.contains("warning"), "\(added.errors)")
  }

  @Test func `is checked with the data`() throws {
    let workshop = try Workshop()
    try JSONValue.object(["eos_token": "<end>"]).write(
      to: workshop.model.appending(path: "tokenizer_config.json"))
    let data = try workshop.conversations(withTemplate: false)
    func check(_ more: String...) throws -> Lowrank {
      try Lowrank(
        ["data", "check", "--model", workshop.model.path, "--data", data.path, "--rows", "1"]
          + more)
    }
    let zephyr = try check("--chat-template", "zephyr")
    #expect(zephyr.status == 0 && zephyr.output.contains("[h][o][<end>]"), "\(zephyr.output)")
    #expect(!zephyr.errors.contains("several tokens"))
    let chatml = try check("--chat-template", "chatml")
    #expect(chatml.errors.contains("<|im_start|> (7)"), "\(chatml.output)\(chatml.errors)")
    let added = try check("--chat-template", "chatml", "--add-tokens")
    #expect(
      added.status == 0 && added.output.contains("[h][o][<|im_end|>]")
        && !added.errors.contains("several tokens"), "\(added.output)\(added.errors)")
  }

  @Test func `is meant before a file of that name`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations(withTemplate: false)
    try workshop.write(Workshop.template, to: workshop.root, "zephyr")
    try workshop.write(Workshop.template, to: workshop.root, "own")
    func train(_ template: String, _ name: String) throws -> (Lowrank, String?) {
      let answer = try Lowrank(
        workshop.training(
          into: name, "--iters", "1", "--chat-template", template, "--max-seq-length", "32"
        ).map { $0 == workshop.data.path ? data.path : $0 }, in: workshop.root)
      let file = workshop.place(name).appending(path: "chat_template.jinja")
      return (answer, try? String(contentsOf: file, encoding: .utf8))
    }
    try JSONValue.object(["eos_token": "<end>"]).write(
      to: workshop.model.appending(path: "tokenizer_config.json"))
    let (named, source) = try train("zephyr", "a")
    #expect(named.status == 0 && source == NamedTemplate.zephyr.source, "\(named.errors)")
    #expect(named.errors.contains("for the file here, write ./zephyr"))
    #expect(try train("./zephyr", "b").1 == Workshop.template)
    #expect(try train("own", "c").1 == Workshop.template)
    let (unknown, _) = try train("zephir", "d")
    #expect(
      unknown.status == 2 && unknown.errors.contains("or a file; did you mean zephyr?"),
      "\(unknown.errors)")
  }
}
