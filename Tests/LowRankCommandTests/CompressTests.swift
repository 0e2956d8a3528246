import Foundation
import LowRank
import Testing

@Suite struct `Compressing` {
  /// A workshop with a trained adapter in `a`.
  private func trained(steps: Int = 30) throws -> Workshop {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a", "--iters", "\(steps)", "--target", "all-linear")
    #expect(try Lowrank(flags).status == 0)
    return workshop
  }

  private func compress(_ workshop: Workshop, _ flags: String...) throws -> Lowrank {
    try Lowrank(
      ["compress", workshop.place("a").path, "--output", workshop.place("small").path] + flags)
  }

  @Test func `says what it kept and leaves an adapter that every verb takes`() throws {
    let workshop = try trained()
    let report = try compress(workshop, "--keep", "0.5", "--json").json()
    #expect(report["rank_before"]?.integer == 28 && report["rank_after"]?.integer == 14)
    let small = workshop.place("small")
    #expect(report["adapter"]?.string == small.path)
    let certificate = try JSONFile(at: small.appending(path: "certificate.json"))
    #expect(certificate["bound"] == report["bound"])
    #expect(try certificate.array("per_module").count == 14)
    let stored = try StoredAdapter(at: small)
    #expect(report["parameters_after"]?.integer == stored.factorParameters)
    let merged = try Lowrank(
      "merge", "--model", workshop.model.path, "--adapter", small.path, "--output",
      workshop.place("merged").path, "--json")
    #expect(merged.status == 0, "\(merged.errors)")
  }

  @Test func `takes a share in percent`() throws {
    let workshop = try trained()
    let reports = try ["90%", "0.9"].map {
      try compress(workshop, "--energy", $0, "--json", "--overwrite").json()
    }
    #expect(reports[0] == reports[1] && reports[0]["policy"] == "--energy 0.9")
    #expect(reports[0]["discarded_energy_share"]?.double ?? 1 <= 0.1)
  }

  @Test func `by size keeps the file within it`() throws {
    let workshop = try trained()
    let whole = try Data(
      contentsOf: workshop.place("a").appending(path: "adapter_model.safetensors")
    ).count
    for size in [whole - 400, whole - 2000] {
      #expect(try compress(workshop, "--size", "\(size)B", "--overwrite").status == 0)
      let file = workshop.place("small").appending(path: "adapter_model.safetensors")
      let count = try Data(contentsOf: file).count
      #expect(count <= size && count > size - 1000)
    }
  }

  @Test func `by size says the smallest one that is possible`() throws {
    let workshop = try trained()
    let refused = try compress(workshop, "--size", "100B")
    #expect(refused.status == 2)
    let size = try #require(
      refused.errors.firstMatch(
        of:
          /takes (\d+) bytes, (\d+) bytes of it for metadata and tensors without ranks, the rest for model\.layers\.[01]\..+ at rank 1/
      ), "\(refused.errors)")
    let least = try #require(Int(size.1))
    #expect(least > (Int(size.2) ?? .max))
    #expect(try compress(workshop, "--size", "\(least - 1)B").status == 2)
    let smallest = try compress(workshop, "--size", "\(least)B", "--json")
    #expect(try smallest.json()["rank_after"]?.integer == 1, "\(smallest.errors)")
    let file = workshop.place("small").appending(path: "adapter_model.safetensors")
    #expect(try Data(contentsOf: file).count <= least)
  }

  /// In bytes, and in KB, where a head that is saved whole makes the file larger.
  @Test(arguments: [[], ["--modules-to-save", "lm_head"]] as [[String]])
  func `by size says a size that works as it is typed`(flags: [String]) throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a") + ["--iters", "2"] + flags)
    func compress(_ size: String) throws -> Lowrank {
      try Lowrank(
        "compress", workshop.place("a").path, "--output", workshop.place("b").path, "--size", size)
    }
    let refused = try compress("100")
    let found = try #require(
      refused.errors.firstMatch(of: /; give --size ([0-9.]+[KB]+) or more/), "\(refused.errors)")
    #expect(flags.isEmpty || found.1.hasSuffix("KB"), "\(found.1)")
    #expect(refused.status == 2)
    let done = try compress(String(found.1))
    #expect(done.status == 0, "\(done.errors)")
  }

  @Test func `without a policy keeps 99 % of the energy, and says so`() throws {
    let workshop = try trained()
    let answer = try compress(workshop, "--json")
    let report = try answer.json()
    let share = try #require(report["discarded_energy_share"]?.double)
    #expect(share > 0 && share <= 0.01)
    #expect(report["policy"] == "--energy 0.99")
    let (energy, lost) = (report["energy"]?.double ?? 0, report["discarded_energy"]?.double ?? 0)
    #expect(abs(share - lost / energy) < 1e-12)
    #expect(answer.errors.contains("no policy is given: 99 % of the energy is kept"))
    #expect(answer.errors.contains("--max-loss-increase"))
    #expect(!answer.errors.contains("warning"))
  }

  @Test(arguments: [["--keep", "0.25"], ["--uniform", "1"], ["--parameters", "200"]])
  func `warns if a policy discards more than 5 % of the energy`(policy: [String]) throws {
    let workshop = try trained()
    let flags = [
      "compress", workshop.place("a").path, "--output", workshop.place("small").path, "--json",
    ]
    let answer = try Lowrank(flags + policy)
    let share = try #require(answer.json()["discarded_energy_share"]?.double)
    #expect(share > 0.05, "the case is none")
    let warning = "warning: \(policy.joined(separator: " ")) discards "
    #expect(answer.errors.contains(warning), "\(answer.errors)")
    #expect(answer.errors.contains(String(format: "%.1f %% of the energy", 100 * share)))
    #expect(answer.errors.contains("--max-loss-increase 1%"))
    #expect(!answer.errors.contains("no policy is given"))
  }

  @Test func `states how much smaller the factors are, and the file`() throws {
    let workshop = try trained()
    func bytes(_ name: String) throws -> Int {
      try Data(contentsOf: workshop.place(name).appending(path: "adapter_model.safetensors")).count
    }
    for form in ["peft", "padded"] {
      let answer = try compress(workshop, "--keep", "0.5", "--emit", form, "--json", "--overwrite")
      let report = try answer.json()
      #expect(try report["file_bytes_before"]?.integer == bytes("a"))
      #expect(try report["file_bytes_after"]?.integer == bytes("small"))
      let certificate = try JSONFile(
        at: workshop.place("small").appending(path: "certificate.json"))
      #expect(certificate["file_bytes_after"] == report["file_bytes_after"])
    }
    let page = workshop.place("small.html").path
    let text = try compress(workshop, "--keep", "0.5", "--overwrite", "--report", page).output
    let lines = text.split(separator: "\n").map(String.init)
    let sizes = try #require(lines.first { $0.hasPrefix("factors: ") })
    let stored = try ["a", "small"].map {
      try StoredAdapter(at: workshop.place($0)).factorParameters
    }
    #expect(sizes.contains("\(stored[0]) → \(stored[1]) parameters (−"))
    #expect(sizes.contains("; file: ") && sizes.hasSuffix(" %)"))
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<dt>file</dt>"))
  }

  @Test func `by loss states its evaluations, and measures nothing twice`() throws {
    let workshop = try trained()
    let answer = try compress(
      workshop, "--max-loss-increase", "2%", "--model", workshop.model.path, "--data",
      workshop.data.path, "--precision", "f32", "--json")
    let report = try answer.json()
    let count = try #require(report["evaluations"]?.integer)
    let tried = answer.errors.split(separator: "\n").filter { $0.hasPrefix("evaluation ") }
    // 28 singular values take at most 5 halvings.
    #expect(count == tried.count && (1...5).contains(count))
    #expect(tried.first?.hasPrefix("evaluation 1 of at most 5, rank 14: ") == true)
    let (before, after) = (report["loss_before"]?.double ?? 0, report["loss_after"]?.double ?? 9)
    #expect(after <= 1.02 * before && report["policy"] == "--max-loss-increase 2%")
    // The loss of what was written is the one that the search measured.
    let measured = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("small").path,
      "--data", workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32", "--json")
    #expect(abs((try measured.json()["loss"]?.double ?? 0) - after) < 1e-6)
  }

  @Test func `with a budget that holds all copies the factors, and says so`() throws {
    let workshop = try trained()
    let answer = try compress(workshop, "--parameters", "1000000")
    #expect(answer.status == 0 && answer.errors.contains("keeps the whole adapter"))
    func factors(_ name: String) throws -> [[UInt8]] {
      try SafetensorsFile(at: workshop.place(name).appending(path: "adapter_model.safetensors"))
        .tensors.map { Array($0.borrowedBytes) }
    }
    #expect(try factors("a") == factors("small"))
  }

  @Test(
    arguments: [
      (["--keep", "0.5", "--energy", "0.9"], 2, "--keep and --energy contradict each other"),
      (["--keep", "0"], 2, "--keep is 0.0, expected a share"), (["--keep", "nan"], 2, "--keep"),
      (["--energy", "1.5"], 2, "--energy is 1.5"), (["--uniform", "0"], 2, "--uniform is 0"),
      (["--parameters", "-3"], 2, "--parameters is -3"), (["--size", "2XB"], 2, "or 2MB"),
      (["--size", "10B"], 2, "--size 10B is too small: the smallest file takes "),
      (["--parameters", "3"], 2, "--parameters 3 is too small: the smallest adapter takes "),
      (["--emit", "gguf"], 2, "peft, padded, llamacpp"),
      (
        ["--size", "2KB", "--emit", "padded"], 2,
        "--size is a budget that --emit padded would break"
      ),
      (["--data", "x.jsonl"], 2, "--data has no effect by itself"),
      (["--model", "m"], 2, "--model has no effect by itself"),
      (["--sweep"], 2, "--output has no effect with --sweep"),
      (["--threshold", "1e9"], 1, "nothing of the 14 modules would be kept"),
    ])
  func `refuses what makes no sense`(flags: [String], status: Int32, sentence: String) throws {
    let workshop = try trained(steps: 1)
    let answer = try Lowrank(
      ["compress", workshop.place("a").path, "--output", workshop.place("small").path] + flags)
    #expect(answer.status == status && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("small").path))
  }

  @Test func `refuses what is no adapter, or a broken one, or a place in use`() throws {
    let workshop = try trained(steps: 1)
    func says(_ sentence: String, _ arguments: String...) throws {
      let answer = try Lowrank(["compress"] + arguments)
      #expect(answer.status != 0 && answer.errors.contains(sentence), "\(answer.errors)")
    }
    let small = workshop.place("small").path
    try says("is not the folder of an adapter", workshop.model.path, "--output", small)
    try says(
      "would replace", workshop.place("a").path, "--output", workshop.place("a").path, "--overwrite"
    )
    try says("would replace", workshop.place("a").path, "--output", workshop.place("a").path)
    let file = workshop.place("a").appending(path: "adapter_model.safetensors")
    let tensors = try SafetensorsFile(at: file).tensors
    let spoilt = tensors.map { tensor in
      tensor.name.text.hasSuffix("layers.1.mlp.up_proj.lora_A.weight")
        ? TensorSource(
          tensor.name, tensor.shape, floats: Array(repeating: .nan, count: tensor.shape.count))
        : TensorSource(tensor)
    }
    let other = workshop.place("other.safetensors")
    try SafetensorsFile.write(spoilt, to: other)
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(at: other, to: file)
    try says(
      "layers.1.mlp.up_proj.lora_A.weight holds a number that is not finite",
      workshop.place("a").path, "--output", small)
  }

  @Test func `by calibration weighs components by what they do`() throws {
    let workshop = try trained()
    let flags = ["--keep", "0.5", "--precision", "f32", "--json"]
    func compressed(_ more: String...) throws -> JSONObject {
      try Lowrank(
        ["compress", workshop.place("a").path, "--output", workshop.place("small").path]
          + flags + more + ["--overwrite"]
      ).json()
    }
    let plain = try compressed()
    let weighed = try compressed(
      "--calibrate", workshop.data.path, "--model", workshop.model.path)
    #expect(plain["output_energy"] == nil)
    let energy = try #require(weighed["output_energy"]?.double)
    let lost = try #require(weighed["discarded_output_energy"]?.double)
    #expect(lost > 0 && lost < energy)
    // Eckart and Young: no other choice of this rank loses less of ΔW itself.
    #expect(
      (weighed["discarded_energy"]?.double ?? 0) >= (plain["discarded_energy"]?.double ?? 1))
    let answer = try compress(workshop, "--calibrate", workshop.data.path, "--overwrite")
    #expect(answer.status == 2 && answer.errors.contains("--model DIR is missing"))
  }

  @Test func `warns if the adapter is worse than the base alone`() throws {
    let workshop = try Workshop()
    for name in ["train.jsonl", "valid.jsonl"] {
      try String(repeating: "{\"text\": \"abababab\"}\n", count: 8).write(
        to: workshop.data.appending(path: name), atomically: true, encoding: .utf8)
    }
    let flags = workshop.training(
      into: "a", "--iters", "80", "--learning-rate", "0.2", "--target", "all-linear")
    #expect(try Lowrank(flags).status == 0)
    let other = workshop.place("other.jsonl")
    try "{\"text\": \"zyxwvutsrqponm\"}\n".write(to: other, atomically: true, encoding: .utf8)
    func search(_ data: URL) throws -> (Lowrank, base: String, with: String) {
      func loss(_ more: [String]) throws -> String {
        let flags = ["evaluate", "--model", workshop.model.path, "--data", data.path]
        let json = try Lowrank(flags + ["--precision", "f32", "--json"] + more).json()
        return String(format: "%.4f", try #require(json["loss"]?.double))
      }
      let answer = try compress(
        workshop, "--max-loss-increase", "1%", "--model", workshop.model.path, "--data", data.path,
        "--precision", "f32", "--json", "--overwrite")
      return (answer, try loss([]), try loss(["--adapter", workshop.place("a").path]))
    }
    let (better, _, _) = try search(workshop.data.appending(path: "valid.jsonl"))
    #expect(better.status == 0 && !better.errors.contains("worse"), "\(better.errors)")
    // A bound without a percent sign is added to the loss.
    let loose = try compress(
      workshop, "--max-loss-increase", "100", "--model", workshop.model.path, "--data",
      workshop.data.path, "--precision", "f32", "--overwrite")
    #expect(
      loose.errors.contains("warning: --max-loss-increase 100 accepts a loss of up to 1")
        && loose.errors.contains("100 is added to the loss, and 100% would be a share of it"),
      "\(loose.errors)")
    #expect(!better.errors.contains("accepts a loss of up to"), "\(better.errors)")
    // A scale that is far too large spoils any text.
    let file = workshop.place("a").appending(path: "adapter_config.json")
    var config = try JSONFile(at: file).object
    config["lora_alpha"] = .double(400)
    try JSONValue.object(config).write(to: file)
    let (worse, base, with) = try search(other)
    #expect(worse.status == 0)
    #expect(
      worse.errors.contains(
        "warning: on these rows the adapter is worse than the base alone: loss \(with) with it, \(base) without"
      ), "\(worse.errors)")
    let stated = try #require(try worse.json()["loss_base"]?.double)
    #expect(String(format: "%.4f", stated) == base)
  }

  @Test(arguments: [("vera:save_projection=false", true), ("lora", false)])
  func `warns of a method whose updates take fewer numbers than plain LoRA`(
    method: String, grows: Bool
  ) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "4", "--rank", "4", "--method", method))
    #expect(run.status == 0, "\(run.errors)")
    let pruned = try Lowrank(
      "compress", workshop.place("a").path, "--energy", "1", "--output", workshop.place("b").path)
    #expect(pruned.status == 0, "\(pruned.errors)")
    let warns = pruned.errors.contains("warning: the pruned adapter is larger than before")
    #expect(warns == grows, "\(pruned.errors)")
  }

  @Test func `has no sign before a change of nothing`() throws {
    let workshop = try trained(steps: 1)
    let output = try compress(workshop, "--keep", "1").output
    #expect(output.contains("parameters (0.0 %)"), "\(output)")
    #expect(output.contains("0.00 % energy") && !output.contains("−0.00"), "\(output)")
  }

  @Test func `finds the smallest of every policy, and plots it`() throws {
    let workshop = try trained()
    let page = workshop.place("sweep.html")
    let answer = try Lowrank(
      "compress", workshop.place("a").path, "--sweep", "--max-loss-increase", "2%", "--model",
      workshop.model.path, "--data", workshop.data.path, "--precision", "f32", "--report",
      page.path, "--json"
    ).json()
    let limit = 1.02 * (answer["loss_before"]?.double ?? 0)
    let smallest = try #require(answer["smallest"]?.array)
    let policies = smallest.compactMap { $0.object?["policy"]?.string }
    #expect(policies.contains("para"))
    for point in smallest { #expect((point.object?["loss"]?.double ?? .infinity) <= limit) }
    #expect((answer["evaluations"]?.integer ?? 0) > smallest.count)
    let html = try String(contentsOf: page, encoding: .utf8)
    #expect(html.contains("Loss against size") && html.contains("accepted"))
  }
}
