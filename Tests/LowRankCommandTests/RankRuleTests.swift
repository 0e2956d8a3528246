import Foundation
import LowRank
import LowRankRuns
import LowRankTesting
import Testing

@Suite struct `Runs whose ranks move` {
  private func config(_ folder: URL) throws -> JSONObject {
    try JSONFile(at: folder.appending(path: "adapter_config.json")).object
  }

  private func tensors(_ folder: URL) throws -> [String: [Float]] {
    let file = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name.text, try $0.floats()) })
  }

  private static let rules = [
    "adalora:target_r=2,tinit=1,tfinal=2", "dylora", "sora:lambda=20", "gora:batches=2,r_min=1",
    "relora:every=3,warmup=1",
  ]

  @Test(arguments: rules)
  func `continue from a state between two changes`(rule: String) throws {
    let workshop = try Workshop()
    let flags = [
      "--ranks", rule, "--iters", "8", "--save-every", "4", "--target", "q_proj,down_proj",
      "--rank", rule.hasPrefix("relora") ? "2" : "4",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try Lowrank(workshop.training(into: "part") + flags).status == 0)
    let states = StateHistory(inAdapter: workshop.place("part"))
    try FileManager.default.removeItem(at: states.place(of: 8))
    let resumed = try Lowrank(workshop.training(into: "part", "--resume") + flags)
    #expect(
      resumed.status == 0 && resumed.errors.contains("after step 4 of 8"), "\(resumed.errors)")
    #expect(try tensors(workshop.place("part")) == tensors(workshop.place("whole")))
    let other = try Lowrank(
      workshop.training(into: "part", "--resume", "--ranks", "fixed") + flags.dropFirst(2))
    #expect(other.status == 2 && other.errors.contains("--ranks \(rule)"), "\(other.errors)")
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("whole").path,
      "--data", workshop.data.appending(path: "valid.jsonl").path, "--json")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
  }

  @Test func `are saved as PEFT saves AdaLoRA, and recorded as they move`() throws {
    let workshop = try Workshop()
    let store = workshop.place("runs.sqlite")
    let run = try Lowrank(
      workshop.training(
        into: "a", "--ranks", "adalora:target_r=1,tfinal=2", "--rank", "3", "--iters", "8",
        "--target", "all-linear", "--store", store.path))
    #expect(run.status == 0, "\(run.errors)")
    let saved = try config(workshop.place("a"))
    #expect(saved["peft_type"] == "ADALORA" && saved["init_r"] == 3 && saved["target_r"] == 1)
    #expect(saved["total_step"] == 8 && saved["tfinal"] == 2)
    let masks = try #require(saved["rank_pattern"]?.object)
    let ranks = masks.entries.map { $0.value.array?.count { $0 == true } ?? -1 }
    let whole = try tensors(workshop.place("a")).keys.count { $0.hasSuffix(".lora_E") }
    #expect(ranks.reduce(0, +) + 3 * (whole - masks.keys.count) == whole)
    let shown = try Lowrank("runs", "show", "1", "--modules", "--store", store.path)
    #expect(shown.output.contains("rank/model.layers.0.self_attn.q_proj"), "\(shown.output)")
    #expect(shown.output.contains("total_rank"))
  }

  @Test func `of DyLoRA are used and cut at any rank, exactly`() throws {
    let workshop = try Workshop()
    let adapter = workshop.place("a").path
    let run = try Lowrank(
      workshop.training(into: "a", "--ranks", "dylora:r_min=2", "--rank", "4", "--iters", "6"))
    #expect(run.status == 0, "\(run.errors)")
    let model = [
      "--model", workshop.model.path, "--data",
      workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32",
    ]
    var losses: Set<Double> = []
    for rank in 2...4 {
      let cut = workshop.place("cut\(rank)").path
      let used = try Lowrank(
        ["evaluate", "--adapter", adapter, "--at-rank", "\(rank)", "--json"] + model
      ).json()
      let compressed = try Lowrank("compress", adapter, "--uniform", "\(rank)", "--output", cut)
      #expect(compressed.status == 0, "\(compressed.errors)")
      let again = try Lowrank(["evaluate", "--adapter", cut, "--json"] + model).json()
      let (a, b) = (
        try #require(used["loss"]?.double), try #require(again["loss"]?.double)
      )
      #expect(abs(a - b) < 1e-6, "rank \(rank): \(a) and \(b)")
      losses.insert(a)
    }
    #expect(losses.count == 3)
    for (flags, sentence) in [
      (["evaluate", "--adapter", adapter, "--at-rank", "1"] + model, "--at-rank: the rank is 1"),
      (["evaluate", "--at-rank", "2"] + model, "--at-rank has no effect without --adapter"),
      (
        ["compress", adapter, "--uniform", "1", "--output", workshop.place("x").path],
        "--uniform: the rank is 1, expected one of those that the adapter was trained for, 2 to 4"
      ),
    ] {
      let refused = try Lowrank(flags)
      #expect(refused.status == 2 && refused.errors.contains(sentence), "\(refused.errors)")
    }
    _ = try Lowrank(workshop.training(into: "plain", "--iters", "1"))
    let plain = try Lowrank(
      ["evaluate", "--adapter", workshop.place("plain").path, "--at-rank", "1"] + model)
    #expect(plain.status == 2 && plain.errors.contains("was not trained to be used at smaller"))
  }

  @Test(arguments: [("5", true), ("12", false)])
  func `do not hide an optimizer whose warm-up outlasts the run`(steps: String, warns: Bool) throws
  {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", steps, "--optimizer", "reflora"))
    #expect(run.status == 0, "\(run.errors)")
    let sentence =
      "--optimizer reflora: warmup is 10, and the run has 5 steps, so all of them are AdamW's; give warmup=1"
    #expect(run.errors.contains(sentence) == warns, "\(run.errors)")
  }

  @Test func `warn where they have left nothing of an adapter`() throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "3", "--ranks", "sora:lambda=1e6"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains("warning: --ranks sora: no module has a direction left"), "\(run.errors)")
  }

  /// Each sentence has options with which the rule does something, and the run that has them does not warn.
  @Test(arguments: [
    (
      "relora", "4", "8", ":every=4,warmup=2",
      "--ranks relora: every is 1000, and the run has 8 steps, so nothing is folded; give every=4 and warmup=2"
    ),
    (
      "relora:every=8,warmup=1", "4", "8", ":every=4,warmup=1",
      "--ranks relora: every is 8, and the run has 8 steps, so nothing is folded; give every=4\n"
    ),
    (
      "relora", "16", "8", nil, "q_proj has no room for a restart at rank 16; give a smaller rank"
    ),
    (
      "adalora", "8", "8", ":target_r=4",
      "--ranks adalora: target_r is 8, the rank that modules start with, so no direction goes; give target_r=4, or a rank above 8"
    ),
    (
      "adalora:target_r=1", "1", "8", nil,
      "target_r is 1, the rank that modules start with, so no direction goes; give a rank above 1"
    ),
    (
      "dylora:r_min=4", "4", "2", nil,
      "--ranks dylora: r_min is 4, the rank, so every step trains all directions; give a smaller r_min"
    ),
    (
      "sora:lambda=0", "4", "2", nil,
      "--ranks sora: lambda is 0, so no gate closes; give lambda=1"
    ),
    (
      "sora", "4", "2", nil,
      "--ranks sora: gates start from N(0, 1), and all steps together draw them to zero by 0."
    ),
  ])
  func `warn where they would change nothing, with what would`(
    rule: String, rank: String, steps: String, better: String?, sentence: String
  ) throws {
    let workshop = try Workshop()
    func run(_ rule: String, into name: String) throws -> Lowrank {
      let flags = ["--ranks", rule, "--rank", rank, "--iters", steps, "--target", "q_proj"]
      return try Lowrank(workshop.training(into: name) + flags)
    }
    let idle = try run(rule, into: "a")
    #expect(idle.status == 0 && idle.errors.contains("warning: "), "\(idle.errors)")
    #expect(idle.errors.contains(sentence), "\(idle.errors)")
    guard let better else { return }
    let name = String(rule.prefix { $0 != ":" })
    let moving = try run(name + better, into: "b")
    #expect(moving.status == 0 && !moving.errors.contains("warning: "), "\(moving.errors)")
    let lengths = try ["a", "b"].map { name in
      try tensors(workshop.place(name)).values.map(\.count).reduce(0, +)
    }
    // A restart adds a product, and a budget takes directions away.
    #expect(name == "relora" ? lengths[1] > lengths[0] : lengths[1] < lengths[0])
  }

  @Test(arguments: [
    (
      ["--ranks", "adalora", "--method", "lora"],
      "--ranks adalora does not go with --method lora: it prunes directions"
    ),
    (["--ranks", "sora", "--method", "dora"], "--ranks sora does not go with --method dora: "),
    (["--ranks", "relora", "--init", "pissa"], "--ranks relora does not go with --init pissa: "),
    (
      ["--ranks", "gora", "--init", "eva"],
      "--ranks gora does not go with --init eva: gora has a start of its own"
    ),
    (
      ["--ranks", "adalora:target_r=9", "--rank", "4"],
      "--ranks adalora: target_r is \"9\", expected at most 4, the rank that modules start with"
    ),
    (
      ["--ranks", "adalora:target_r=1,tinit=20"],
      "--ranks adalora: tinit is \"20\", expected below 20"
    ),
    (["--ranks", "relora:every=2,warmup=1"], "--ranks relora: every is \"2\", expected at least"),
    (["--ranks", "dylora:r_min=9"], "--ranks dylora: r_min is \"9\", expected at most"),
    (["--method", "adalora"], "give it as --ranks adalora"),
    (
      ["--ranks", "dylora", "--target", "embed_tokens"],
      "matches the target, but DyLoRA cannot adapt a table"
    ),
    (
      ["--ranks", "relora:every=9,warmup=2", "--target", "embed_tokens"],
      "matches the target, but ReLoRA cannot adapt a table"
    ),
  ])
  func `are refused where choices do not fit`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "20") + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }
}
