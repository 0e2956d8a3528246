import Foundation
import LowRank
import Testing

@Suite struct `Converting` {
  private func trained(_ flags: String...) throws -> Workshop {
    let workshop = try Workshop()
    let training = workshop.training(into: "a", "--iters", "4", "--target", "q_proj,k_proj,up_proj")
    #expect(try Lowrank(training + flags).status == 0)
    return workshop
  }

  private func convert(_ workshop: Workshop, _ from: String, _ to: String, _ flags: [String]) throws
    -> Lowrank
  {
    try Lowrank(
      ["convert", workshop.place(from).path, "--output", workshop.place(to).path] + flags)
  }

  private func factors(_ workshop: Workshop, _ name: String) throws -> [[UInt8]] {
    let file = workshop.place(name).appending(path: "adapter_model.safetensors")
    return try SafetensorsFile(at: file).tensors.map { Array($0.borrowedBytes) }
  }

  @Test func `there and back leaves every byte of the factors`() throws {
    let workshop = try trained()
    let model = ["--model", workshop.model.path]
    let mlx = try convert(workshop, "a", "m", ["--to", "mlx", "--json"]).json()
    #expect(mlx["exact"]?.bool == true && mlx["distance"]?.double == 0)
    #expect(mlx["from"]?.string == "peft" && mlx["to"]?.string == "mlx")
    #expect(mlx["modules"]?.integer == 6 && mlx["adapter"]?.string == workshop.place("m").path)
    let config = try JSONFile(at: workshop.place("m").appending(path: "adapter_config.json"))
    #expect(try config.string("model") == workshop.model.path)
    let gguf = try convert(workshop, "m", "a.gguf", ["--to", "gguf", "--json"] + model).json()
    #expect(gguf["exact"]?.bool == true && gguf["from"]?.string == "mlx")
    let back = try convert(workshop, "a.gguf", "b", ["--to", "peft"])
    #expect(back.status == 0 && back.output.contains("6 modules from gguf to peft, exactly"))
    #expect(try factors(workshop, "a") == factors(workshop, "b"))
    // The base it was trained on is remembered through both.
    let (one, other) = (
      try StoredAdapter(at: workshop.place("a")), try StoredAdapter(at: workshop.place("b"))
    )
    #expect(one.baseFingerprint != nil && one.baseFingerprint == other.baseFingerprint)
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("b").path, "--data",
      workshop.data.appending(path: "valid.jsonl").path)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
  }

  @Test func `says what was rounded`() throws {
    let workshop = try trained("--rslora", "--alpha", "3")
    let report = try convert(
      workshop, "a", "a.gguf", ["--to", "gguf", "--model", workshop.model.path, "--json"]
    ).json()
    #expect(report["exact"]?.bool == false)
    let distance = try #require(report["relative_distance"]?.double)
    #expect(distance > 0 && distance < 1e-6)
  }

  @Test func `feeds compress and combine with other formats`() throws {
    let workshop = try trained()
    let model = ["--model", workshop.model.path]
    #expect(try convert(workshop, "a", "m", ["--to", "mlx"]).status == 0)
    #expect(try convert(workshop, "a", "a.gguf", ["--to", "gguf"] + model).status == 0)
    for name in ["m", "a.gguf"] {
      let report = try Lowrank(
        "compress", workshop.place(name).path, "--keep", "0.5", "--output",
        workshop.place("small").path, "--overwrite", "--json"
      ).json()
      #expect(report["rank_after"]?.integer == 6)
      let measured = try Lowrank(
        ["compress", workshop.place(name).path, "--keep", "1", "--verify", "--data"]
          + [workshop.data.appending(path: "valid.jsonl").path] + model
          + ["--output", workshop.place("small").path, "--overwrite", "--json"]
      ).json()
      #expect(try #require(measured["kl"]?.double) < 1e-9)
      let size = try Lowrank(
        "compress", workshop.place(name).path, "--size", "4KB", "--output",
        workshop.place("small").path, "--overwrite")
      #expect(size.status == 0, "\(size.errors)")
      let file = workshop.place("small").appending(path: "adapter_model.safetensors")
      #expect(try Data(contentsOf: file).count <= 4000)
    }
    let answer = try Lowrank(
      "combine", workshop.place("a").path, workshop.place("m").path + "=-0.5",
      workshop.place("a.gguf").path + "=-0.5", "--output", workshop.place("none").path)
    #expect(answer.status == 1 && answer.errors.contains("nothing is left"), "\(answer.errors)")
  }

  @Test(
    arguments: [
      ([], 2, "--to FORMAT is missing"), (["--to", "onnx"], 2, "--to is \"onnx\""),
      (["--to", "peft"], 2, "has the format peft already"),
      (["--to", "mlx", "--from", "x"], 2, "--from is \"x\""),
      (["--to", "gguf"], 2, "--model DIR is missing: a GGUF adapter names"),
      (["--to", "gguf", "--model", "none"], 1, "none does not exist: expected a model's folder"),
      (["--to", "peft", "--from", "mlx"], 1, "adapters.safetensors"),
      (["--to", "peft", "--from", "gguf"], 1, "it is a folder"),
    ] as [([String], Int32, String)])
  func `refuses what makes no sense`(flags: [String], status: Int32, sentence: String) throws {
    let workshop = try trained()
    let answer = try convert(workshop, "a", "out", flags)
    #expect(answer.status == status && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: workshop.place("out").path))
  }

  /// The refusal names the adapter, and what it advises works.
  @Test(arguments: [
    ["--dora", "--target", "embed_tokens,q_proj"], ["--modules-to-save", "lm_head"],
  ])
  func `says what to do with an adapter that a format cannot hold`(flags: [String]) throws {
    let workshop = try Workshop()
    let run = try Lowrank(workshop.training(into: "a", "--iters", "2") + flags)
    #expect(run.status == 0, "\(run.errors)")
    let adapter = workshop.place("a").path
    let model = ["--model", workshop.model.path]
    for (format, advice) in [
      ("gguf", "; lowrank merge --gguf writes the model with the adapter in it\n"),
      ("mlx", "; lowrank merge writes the model with the adapter in it\n"),
    ] {
      let answer = try convert(workshop, "a", "out", ["--to", format] + model)
      #expect(answer.status == 1)
      #expect(answer.errors.contains("error: \(adapter): "), "\(answer.errors)")
      #expect(
        answer.errors.contains("cannot hold") && answer.errors.hasSuffix(advice), "\(answer.errors)"
      )
    }
    let merged = try Lowrank(
      ["merge", "--adapter", adapter, "--output", workshop.place("m").path] + model)
    #expect(merged.status == 0, "\(merged.errors)")
  }

  @Test func `names the architecture that llama.cpp has no adapters for`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let answer = try Lowrank(
      "convert", adapter.path, "--to", "gguf", "--model", workshop.model.path, "--output",
      workshop.place("a.gguf").path)
    #expect(answer.status == 1)
    #expect(
      answer.errors
        == "error: \(workshop.model.path)/config.json: the base is of the architecture \"bert\", for which llama.cpp has no adapters: GGUF is possible for llama, mistral, qwen2, qwen3, smollm3, gemma3_text, phi3, gpt2; this adapter can be kept in PEFT's format\n"
    )
  }

  @Test func `spares what is there, and what is of another kind`() throws {
    let workshop = try trained()
    func says(_ sentence: String, _ from: String, _ to: String, _ flags: [String]) throws {
      let answer = try convert(workshop, from, to, flags)
      #expect(answer.status != 0 && answer.errors.contains(sentence), "\(answer.errors)")
    }
    let gguf = ["--to", "gguf", "--model", workshop.model.path]
    #expect(try convert(workshop, "a", "a.gguf", gguf).status == 0)
    try says("exists already", "a", "a.gguf", gguf)
    #expect(try convert(workshop, "a", "a.gguf", gguf + ["--overwrite"]).status == 0)
    try Data("mine".utf8).write(to: workshop.place("notes.txt"))
    try says("is not a GGUF file and is not replaced", "a", "notes.txt", gguf + ["--overwrite"])
    try says("is not a regular file", "a", "data", gguf + ["--overwrite"])
    try says("holds a model, not an adapter", "a.gguf", "model", ["--to", "peft", "--overwrite"])
    try says("which is read from", "a.gguf", "a.gguf", gguf + ["--from", "mlx", "--overwrite"])
    #expect(try convert(workshop, "a", "m", ["--to", "mlx"]).status == 0)
    try FileManager.default.copyItem(
      at: workshop.place("a").appending(path: "adapter_model.safetensors"),
      to: workshop.place("m").appending(path: "adapter_model.safetensors"))
    try says(
      "of two formats; remove one, or name the one to read with --from", "m", "n", ["--to", "peft"])
    #expect(try convert(workshop, "m", "n", ["--to", "peft", "--from", "mlx"]).status == 0)
    try Data("GGUF".utf8).write(to: workshop.place("cut.gguf"))
    try says("the file is cut short within the version", "cut.gguf", "x", ["--to", "peft"])
  }
}
