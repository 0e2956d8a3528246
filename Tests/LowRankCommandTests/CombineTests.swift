import Foundation
import LowRank
import LowRankTesting
import Testing

@Suite struct `Combining` {
  /// A workshop with trained adapters in `a` and `b`.
  private func trained() throws -> Workshop {
    let workshop = try Workshop()
    for (name, target) in [("a", "q_proj,v_proj"), ("b", "q_proj,up_proj")] {
      let flags = workshop.training(into: name, "--iters", "8", "--target", target)
      #expect(try Lowrank(flags).status == 0)
    }
    return workshop
  }

  private func combine(_ workshop: Workshop, _ adapters: [String], _ flags: [String]) throws
    -> Lowrank
  {
    let paths = adapters.map { workshop.root.path + "/" + $0 }
    return try Lowrank(
      ["combine"] + paths + ["--output", workshop.place("sum").path] + flags)
  }

  @Test func `says what it made, and every verb takes it`() throws {
    let workshop = try trained()
    let report = try combine(workshop, ["a=0.5", "b=-1.5"], ["--json"]).json()
    let sum = workshop.place("sum")
    #expect(report["adapter"]?.string == sum.path && report["mode"]?.string == "sum")
    #expect(report["modules"]?.integer == 6 && report["rank_after"]?.integer == 16)
    #expect(try #require(report["relative_distance"]?.double) < 1e-6)
    let modules = try #require(report["per_module"]?.array)
    #expect(modules.count == 6)
    #expect(modules.map { $0.object?["rank_after"]?.integer } == [2, 4, 2, 2, 4, 2])
    let stored = try StoredAdapter(at: sum)
    #expect(report["parameters_after"]?.integer == stored.factorParameters)
    let first = try StoredAdapter(at: workshop.place("a"))
    #expect(stored.baseFingerprint != nil && stored.baseFingerprint == first.baseFingerprint)
    #expect(
      try JSONFile(at: sum.appending(path: "combination.json"))["distance"] == report["distance"])
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", sum.path, "--data",
      workshop.data.appending(path: "valid.jsonl").path, "--json")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let table = try combine(workshop, ["a", "b"], ["--overwrite"]).output
    #expect(table.contains("self_attn.q_proj") && table.contains("sum of 2, rank 16"))
  }

  @Test func `cuts the sum by a rank or a policy`() throws {
    let workshop = try trained()
    for (flags, rank) in [
      (["--rank", "1"], 6), (["--keep", "0.5"], 8), (["--uniform", "1"], 6),
      (["--mode", "svd", "--rank", "1"], 6), (["--mode", "svd"], 12),
    ] {
      let report = try combine(workshop, ["a", "b"], flags + ["--overwrite", "--json"]).json()
      #expect(report["rank_after"]?.integer == rank, "\(flags)")
      #expect(try #require(report["distance"]?.double) > 0)
    }
    // Of one adapter with weight 1, what remains is what compress keeps.
    let small = try combine(workshop, ["a"], ["--keep", "0.5", "--overwrite", "--json"]).json()
    let compressed = try Lowrank(
      "compress", workshop.place("a").path, "--keep", "0.5", "--output",
      workshop.place("c").path, "--json"
    ).json()
    #expect(small["rank_after"] == compressed["rank_after"])
    let energy = try #require(compressed["discarded_energy"]?.double)
    let distance = try #require(small["distance"]?.double)
    #expect(abs(distance * distance - energy) <= 1e-5 * energy)
  }

  @Test func `drops by the seed`() throws {
    let workshop = try trained()
    func factors(_ seed: String) throws -> [[UInt8]] {
      let flags = ["--mode", "dare_linear_svd", "--density", "0.5", "--seed", seed, "--overwrite"]
      let answer = try combine(workshop, ["a", "b"], flags)
      #expect(answer.status == 0, "\(answer.errors)")
      let file = workshop.place("sum").appending(path: "adapter_model.safetensors")
      return try SafetensorsFile(at: file).tensors.map { Array($0.borrowedBytes) }
    }
    let one = try factors("1")
    #expect(try factors("1") == one)
    #expect(try factors("2") != one)
  }

  @Test(
    arguments: [
      (["a=x"], [], 2, "is \"x\", expected a finite number"), (["a=nan"], [], 2, "is \"nan\""),
      (["a="], [], 2, "is \"\", expected"), ([], [], 2, "give the adapters"),
      (["a", "b"], ["--mode", "soup"], 2, "expected sum, cat, svd, linear, ties"),
      (["a", "b"], ["--mode", "ties"], 2, "--density is missing; --mode ties needs it"),
      (["a", "b"], ["--mode", "ties", "--density", "0"], 2, "--density is 0.0, expected a share"),
      (["a", "b"], ["--density", "0.5"], 2, "--density has no effect with --mode sum"),
      (["a", "b"], ["--mode", "cat", "--rank", "2"], 2, "--rank has no effect with --mode cat"),
      (["a", "b"], ["--mode", "svd", "--keep", "0.5"], 2, "--keep has no effect with --mode svd"),
      (["a", "b"], ["--rank", "2", "--keep", "0.5"], 2, "give either --rank or --keep, not both"),
      (["a", "b"], ["--rank", "0"], 2, "--rank is 0"),
      (["a", "b"], ["--seed", "1"], 2, "--seed has"),
      (["a", "b"], ["--majority-sign", "total"], 2, "--majority-sign has no effect"),
      (
        ["a", "b"], ["--mode", "ties", "--density", "1", "--majority-sign", "loud"], 2,
        "expected total or frequency"
      ),
      (["a", "none"], [], 1, "none is not the folder of an adapter: it does not exist"),
      (["a", "a=-1"], [], 1, "nothing is left of the 4 modules"),
      (["a"], ["--mode", "ties", "--density", "1"], 1, "needs at least two adapters"),
      (["model"], [], 1, "is not the folder of an adapter"),
    ] as [([String], [String], Int32, String)])
  func `refuses what makes no sense`(
    adapters: [String], flags: [String], status: Int32, sentence: String
  ) throws {
    let workshop = try trained()
    let answer = try combine(workshop, adapters, flags)
    #expect(answer.status == status && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: workshop.place("sum").path))
  }

  @Test func `refuses adapters of different bases by name, unless that is allowed`() throws {
    let workshop = try AdapterWorkshop()
    let place = workshop.workshop.place
    // The base of the second adapter has other weights, and another name.
    try FileManager.default.copyItem(at: workshop.adapter, to: place("first"))
    try workshop.exchangeBase()
    try FileManager.default.moveItem(at: workshop.model, to: place("tuned"))
    let base = try Model(from: place("tuned"), precision: .float32, engine: CPUEngine())
    let other = try Adapter(
      on: base, targets: .named("q_proj", "v_proj"),
      update: .lora(rank: 2, alpha: 2, start: NonzeroStart()))
    try other.save(to: place("second").path)
    let arguments = [
      "combine", place("first").path, place("second").path, "--output", place("sum").path,
    ]
    let refused = try Lowrank(arguments)
    #expect(refused.status == 1)
    #expect(
      refused.errors
        == "error: different bases: \(workshop.model.path) and \(place("tuned").path); an update belongs to the base it was trained on, so combine adapters of one base, or pass --allow fingerprint to combine these [check: fingerprint]\n"
    )
    #expect(!FileManager.default.fileExists(atPath: place("sum").path))
    let allowed = try Lowrank(arguments + ["--allow", "fingerprint", "--quiet"])
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(allowed.errors.hasPrefix("allowed: different bases: "), "\(allowed.errors)")
    #expect(try StoredAdapter(at: place("sum")).baseFingerprint == nil)
  }

  @Test func `warns of different names where no fingerprints tell the bases apart`() throws {
    let workshop = try AdapterWorkshop()
    let place = workshop.workshop.place
    try FileManager.default.copyItem(at: workshop.adapter, to: place("known"))
    func combine(_ flags: String...) throws -> String {
      let answer = try Lowrank(
        ["combine", place("known").path, workshop.adapter.path, "--output", place("sum").path]
          + flags)
      #expect(answer.status == 0, "\(answer.errors)")
      return answer.errors
    }
    try workshop.configure(["base_model_name_or_path": "\"models/other\""])
    // One fingerprint: one model under two names.
    #expect(try !combine().contains("different bases"))
    try workshop.forgetBase()
    #expect(
      try combine("--overwrite", "--quiet")
        == "warning: different bases by name: \(workshop.model.path) and models/other; the adapters do not all record a fingerprint that would show whether these are one model\n"
    )
  }

  @Test func `spares what it reads, and takes names with an equals sign`() throws {
    let workshop = try trained()
    for input in ["b", "b=0.5"] {
      let answer = try Lowrank(
        "combine", workshop.place("a").path, workshop.place(input).path, "--output",
        workshop.place("b").path, "--overwrite")
      #expect(answer.status == 2 && answer.errors.contains("which is read from"))
    }
    try FileManager.default.copyItem(at: workshop.place("b"), to: workshop.place("b=x"))
    for name in ["b=x", "b=x=0.5"] {
      let answer = try combine(workshop, ["a", name], ["--overwrite"])
      #expect(answer.status == 0, "\(answer.errors)")
    }
  }
}
