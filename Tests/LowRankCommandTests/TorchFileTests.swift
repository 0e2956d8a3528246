import Foundation
import LowRank
import LowRankTestHub
import LowRankTesting
import Testing

@Suite struct `Files of torch on the command line` {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let adapters = tests.appending(path: "LowRankAdaptersTests/Fixtures")
  private static let files = adapters.appending(path: "torch.files")
  private static let models = tests.appending(path: "LowRankTransformersTests/Fixtures")
  private let llama = models.appending(path: "llama2").path
  private let gpt2 = models.appending(path: "gpt2").path
  private let safe = adapters.appending(path: "llama2-default").path

  /// A folder with the adapter `llama2-default` as PEFT saved it before safetensors.
  private func oldAdapter(in workshop: Workshop, _ layout: String = "1.13-zip") throws -> String {
    let folder = workshop.place("old")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: URL(filePath: safe).appending(path: "adapter_config.json"),
      to: folder.appending(path: "adapter_config.json"))
    try FileManager.default.copyItem(
      at: Self.files.appending(path: "adapter-\(layout).bin"),
      to: folder.appending(path: "adapter_model.bin"))
    return folder.path
  }

  private func loralib(_ name: String) -> String {
    Self.files.appending(path: "loralib-\(name).pt").path
  }

  @Test(arguments: ["1.13-zip", "1.13-legacy", "2.13-zip", "2.13-legacy"])
  func `are adapters for every verb that reads one`(layout: String) throws {
    let workshop = try Workshop()
    let old = try oldAdapter(in: workshop, layout)
    func same(_ verb: [String], _ place: String? = nil) throws {
      let answers = try [old, safe].map { adapter in
        try Lowrank(verb.map { $0 == "ADAPTER" ? adapter : $0 })
      }
      #expect(answers.allSatisfy { $0.status == 0 }, "\(verb[0]): \(answers[0].errors)")
      let outputs = answers.map { $0.output.replacing(old, with: "A").replacing(safe, with: "A") }
      #expect(outputs[0] == outputs[1] && !outputs[0].isEmpty, "\(verb[0])")
    }
    try same(["score", "--model", llama, "--adapter", "ADAPTER", "--ids", "1,2,3", "--json"])
    try same(["analyze", "ADAPTER", "--json"])
    let difference = try Lowrank("diff", old, safe, "--exit-code")
    #expect(
      difference.status == 0 && difference.output.hasPrefix("equal: "), "\(difference.output)")
    for (verb, marker) in [
      (["merge", "--model", llama, "--adapter", old], "model.safetensors"),
      (["compress", old, "--keep", "0.5"], "adapter_model.safetensors"),
      (["combine", old, safe + "=0.5"], "adapter_model.safetensors"),
    ] {
      let place = workshop.place(verb[0])
      let answer = try Lowrank(verb + ["--output", place.path])
      #expect(answer.status == 0, "\(verb[0]): \(answer.errors)")
      #expect(FileManager.default.fileExists(atPath: place.appending(path: marker).path))
    }
  }

  @Test func `are pruned with the sizes of both files`() throws {
    let workshop = try Workshop()
    let old = try oldAdapter(in: workshop)
    let size = try Data(contentsOf: URL(filePath: old).appending(path: "adapter_model.bin")).count
    let small = workshop.place("small")
    let answer = try Lowrank("compress", old, "--output", small.path, "--json").json()
    #expect(answer["file_bytes_before"]?.integer == size)
    let text = try Lowrank("compress", old, "--output", small.path, "--overwrite").output
    #expect(text.contains("; file: "), "\(text)")
  }

  @Test func `are written as safetensors by convert, and refused by push until then`() throws {
    let workshop = try Workshop()
    let old = try oldAdapter(in: workshop)
    let pushed = try Lowrank("push", old, "me/adapter", "--dry-run")
    #expect(pushed.status == 2)
    #expect(pushed.errors.contains("lowrank convert \(old) --to peft --output DIR"))
    let new = workshop.place("new")
    let answer = try Lowrank("convert", old, "--to", "peft", "--output", new.path)
    #expect(
      answer.status == 0
        && answer.output.contains(
          "4 modules from adapter_model.bin to adapter_model.safetensors, exactly")
    )
    let (written, expected) = try (
      SafetensorsFile(at: new.appending(path: "adapter_model.safetensors")),
      SafetensorsFile(at: URL(filePath: safe).appending(path: "adapter_model.safetensors"))
    )
    #expect(Set(written.names) == Set(expected.names))
    for tensor in expected.tensors {
      #expect(
        try written[tensor.name]?.withBytes { Array($0) } == tensor.withBytes { Array($0) })
    }
    #expect(try Lowrank("push", new.path, "me/adapter", "--dry-run").status == 0)
    let again = try Lowrank("convert", new.path, "--to", "peft", "--output", old + "2")
    #expect(again.status == 2 && again.errors.contains("has the format peft already"))
  }

  @Test func `are inspected`() throws {
    let workshop = try Workshop()
    let adapter = try Lowrank("inspect", oldAdapter(in: workshop), "--json").json()
    #expect(adapter["kind"]?.string == "adapter" && adapter["format"]?.string == "peft")
    #expect(adapter["weights"]?.string == "adapter_model.bin" && adapter["rank"]?.integer == 4)
    let file = try Lowrank("inspect", loralib("gpt2"), "--json").json()
    #expect(file["kind"]?.string == "torch" && file["section"]?.string == "model_state_dict")
    #expect(file["tensor_count"]?.integer == 4)
    let first = file["tensors"]?.array?.first?.object
    #expect(first?["name"]?.string == "transformer.h.0.attn.c_attn.lora_A")
    #expect(first?["shape"] == [8, 16] && first?["type"]?.string == "F32")
  }

  @Test func `of loralib become adapters of PEFT`() throws {
    let workshop = try Workshop()
    let place = workshop.place("gpt2")
    let answer = try Lowrank(
      "convert", loralib("gpt2"), "--to", "peft", "--model", gpt2, "--alpha", "32",
      "--enable-lora", "q,v", "--output", place.path)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.output.contains("2 modules from loralib to peft, exactly"))
    #expect(answer.errors.contains("note: the tensors of \"model_state_dict\" are read"))
    let updates = try SafetensorsFile(at: Self.files.appending(path: "loralib-gpt2.safetensors"))
    for module in try StoredAdapter(at: place).modules {
      let update = try module.upMatrix().multiplied(by: module.downMatrix()) * module.scale
      let expected = try #require(updates[TensorName(module.path)]).floats()
      let difference = zip(update.elements, expected).map { abs($0 - Double($1)) }.max() ?? 1
      #expect(difference < 1e-6, "\(module.path)")
    }
    let scored = try Lowrank(
      "score", "--model", gpt2, "--adapter", place.path, "--ids", "1,2,3")
    #expect(scored.status == 0, "\(scored.errors)")
    let listed = try Lowrank(
      "convert", loralib("gpt2-keys"), "--to", "peft", "--model", gpt2, "--alpha", "32",
      "--enable-lora", "false,true,false", "--output", workshop.place("keys").path)
    #expect(listed.status == 0, "\(listed.errors)")
  }

  @Test(
    arguments: [
      (["--alpha", "32"], 2, "--model DIR is missing: files of loralib do not say"),
      (["--alpha", "-32", "--model", "GPT2"], 2, "--alpha is -32.0, expected a number above 0"),
      (["--model", "GPT2"], 2, "--alpha A is missing: files of loralib do not say"),
      (["--model", "GPT2", "--alpha", "32"], 1, "say it with --enable-lora"),
      (
        ["--model", "GPT2", "--alpha", "32", "--enable-lora", "q,x"], 2,
        "--enable-lora is \"q,x\", expected letters as q,v"
      ),
      (["--model", "GPT2", "--alpha", "32", "--enable-lora", "q"], 1, "expected 2 of 3"),
    ] as [([String], Int32, String)])
  func `of loralib are not guessed at`(flags: [String], status: Int32, sentence: String) throws {
    let workshop = try Workshop()
    let place = workshop.place("out").path
    let answer = try Lowrank(
      ["convert", loralib("gpt2"), "--to", "peft", "--output", place]
        + flags.map { $0 == "GPT2" ? gpt2 : $0 })
    #expect(answer.status == status && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: place))
  }

  @Test func `of loralib name the command where an adapter is expected`() throws {
    let file = loralib("gpt2")
    for verb in [
      ["score", "--model", gpt2, "--adapter", file, "--ids", "1,2"], ["analyze", file],
      ["merge", "--model", gpt2, "--adapter", file, "--output", "/tmp/none"],
    ] {
      let answer = try Lowrank(verb)
      #expect(answer.status == 1, "\(verb[0])")
      #expect(
        answer.errors.contains("lowrank convert \(file) --to peft --model MODEL --alpha ALPHA"),
        "\(verb[0]): \(answer.errors)")
    }
    let workshop = try Workshop()
    let wrong = try Lowrank(
      "convert", oldAdapter(in: workshop), "--to", "peft", "--alpha", "3", "--output",
      workshop.place("x").path)
    #expect(wrong.status == 2 && wrong.errors.contains("--alpha is for files of loralib"))
  }

  @Test func `are fetched from the hub where there is nothing else`() async throws {
    try await HubBeside.run { shop in
      let old = try URL(filePath: oldAdapter(in: shop.workshop))
      shop.hub.add(
        "owner/old",
        files: try ["adapter_config.json", "adapter_model.bin"].reduce(into: [:]) {
          $0[$1] = try Data(contentsOf: old.appending(path: $1))
        })
      shop.hub.add(
        "owner/gpt2",
        files: try [
          "config.json": Data(contentsOf: URL(filePath: gpt2).appending(path: "config.json")),
          "pytorch_model.bin": Data(contentsOf: Self.files.appending(path: "model-legacy.bin")),
        ])
      let adapted = try await shop.lowrank(
        ["score", "--model", llama, "--adapter", "owner/old", "--ids", "1,2,3"])
      #expect(adapted.errors.contains("note: owner/old holds no safetensors"))
      let expected = try Lowrank("score", "--model", llama, "--adapter", safe, "--ids", "1,2,3")
      #expect(adapted.status == 0 && adapted.output == expected.output, "\(adapted.errors)")
      let model = try await shop.lowrank(["score", "--model", "owner/gpt2", "--ids", "1,2,3"])
      #expect(try model.output == Lowrank("score", "--model", gpt2, "--ids", "1,2,3").output)
    }
  }
}
