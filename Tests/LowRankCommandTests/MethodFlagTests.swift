import Foundation
import LowRank
import LowRankTesting
import Testing

@Suite struct `Choosing methods by flags` {
  private func tensors(_ folder: URL) throws -> [String: [Float]] {
    let file = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name.text, try $0.floats()) })
  }

  private func config(_ folder: URL) throws -> JSONObject {
    try JSONFile(at: folder.appending(path: "adapter_config.json")).object
  }

  @Test func `does what the flags of their own do`() throws {
    let workshop = try Workshop()
    for (number, (one, other)) in [
      (["--dora"], ["--method", "dora"]), (["--rslora"], ["--ranks", "fixed:rslora=true"]),
      (["--dropout", "0.2"], ["--method", "lora:dropout=0.2"]),
      (
        ["--adam-betas", "0.8,0.9", "--adam-eps", "1e-4", "--weight-decay", "0.1"],
        ["--optimizer", "adamw:beta1=0.8,beta2=0.9,eps=1e-4,weight_decay=0.1"]
      ),
      (
        [], ["--method", "lora", "--init", "kaiming", "--ranks", "fixed", "--optimizer", "adamw"]
      ),
    ].enumerated() {
      let (a, b) = ("a\(number)", "b\(number)")
      let first = try Lowrank(workshop.training(into: a, "--iters", "2") + one)
      let second = try Lowrank(workshop.training(into: b, "--iters", "2") + other)
      #expect(first.status == 0 && second.status == 0, "\(first.errors)\(second.errors)")
      #expect(try tensors(workshop.place(a)) == tensors(workshop.place(b)), "\(other)")
      #expect(try config(workshop.place(a)) == config(workshop.place(b)), "\(other)")
      // Either continues the other's run.
      let resumed = try Lowrank(workshop.training(into: a, "--iters", "2", "--resume") + other)
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
  }

  @Test func `takes names and mappings from YAML`() throws {
    let workshop = try Workshop()
    let file = workshop.place("run.yaml")
    try """
    method: {name: dora, dropout: 0.1}
    init: {name: pissa, niter: 8}
    ranks: fixed
    optimizer: {name: adamw, beta2: 0.95}
    """.write(to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "2", "-c", file.path))
    #expect(answer.status == 0, "\(answer.errors)")
    let saved = try config(workshop.place("a"))
    #expect(saved["use_dora"] == true && saved["lora_dropout"] == 0.1 && saved["r"] == 4)
    let same = try Lowrank(
      workshop.training(
        into: "b", "--iters", "2", "--method", "dora:dropout=0.1", "--init", "pissa:niter=8",
        "--optimizer", "adamw:beta2=0.95"))
    #expect(same.status == 0, "\(same.errors)")
    #expect(try tensors(workshop.place("a")) == tensors(workshop.place("b")))
    try "init: [pissa]\n".write(to: file, atomically: true, encoding: .utf8)
    let wrong = try Lowrank(workshop.training(into: "c", "-c", file.path))
    #expect(wrong.status == 2 && wrong.errors.contains("\"init\" is a list"), "\(wrong.errors)")
    try "init: {niter: 4}\n".write(to: file, atomically: true, encoding: .utf8)
    let nameless = try Lowrank(workshop.training(into: "c", "-c", file.path))
    #expect(
      nameless.status == 2 && nameless.errors.contains("expected a mapping with a name"),
      "\(nameless.errors)")
    for (text, sentence) in [
      ("init: {name: pissa, niter: [4]}", "niter of \"init\" is a list, expected one value"),
      (
        "method: {name: \"lora:dropout=0.1\", dropout: 0.2}",
        "the name of \"method\" is lora:dropout=0.1, expected lora, with all options beside it"
      ),
    ] {
      try text.write(to: file, atomically: true, encoding: .utf8)
      let mixed = try Lowrank(workshop.training(into: "c", "-c", file.path))
      #expect(mixed.status == 2 && mixed.errors.contains(sentence), "\(mixed.errors)")
    }
  }

  @Test(arguments: [
    (
      ["--method", "lorra"], "--method is \"lorra\", expected lora"
    ),
    (["--method", "lorra"], "did you mean \"lora\"?"),
    (
      ["--method", "pissa"],
      "--method is \"pissa\", which is an initialization; give it as --init pissa"
    ),
    (["--init", "dora"], "--init is \"dora\", which is an architecture; give it as --method dora"),
    (["--method", "lora", "--dora"], "--dora is --method dora, but --method is lora"),
    (
      ["--method", "lora:dropout=0.1", "--dropout", "0.2"],
      "give either --dropout or --method lora:dropout=…, not both"
    ),
    (
      ["--ranks", "fixed:rslora=maybe"],
      "--ranks fixed: rslora is \"maybe\", expected true or false"
    ),
    (
      ["--optimizer", "adamw:beta1=2"],
      "--optimizer adamw: beta1 is \"2\", expected a number of 0 or more and below 1"
    ),
    (
      ["--init", "pissa", "--rank", "17"],
      "--rank is 17 for model.layers.0.self_attn.q_proj, expected at most 16"
    ),
    (["--init", "pissa", "--init-adapter", "x"], "--init has no effect with --init-adapter"),
  ])
  func `refuses what cannot be`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    var flags = flags
    if flags.last == "x" {
      #expect(try Lowrank(workshop.training(into: "x", "--iters", "1")).status == 0)
      flags[flags.count - 1] = workshop.place("x").path
    }
    var training = workshop.training(into: "a", "--iters", "1")
    if flags.contains("--init-adapter") {
      let rank = try #require(training.firstIndex(of: "--rank"))
      training.removeSubrange(rank...rank + 1)
    }
    let answer = try Lowrank(training + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }

  @Test(arguments: ["pissa", "pissa:niter=4", "milora", "olora"], ["lora", "dora"])
  func `continues a run from its state, with the start that it began with`(
    start: String, method: String
  ) throws {
    let workshop = try Workshop()
    let flags = ["--init", start, "--method", method, "--iters", "4"]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let part = try Lowrank(workshop.training(into: "part", "--save-every", "2") + flags)
    #expect(part.status == 0, "\(part.errors)")
    let states = StateHistory(inAdapter: workshop.place("part"))
    // As if it had been stopped after step 2.
    try FileManager.default.removeItem(at: states.place(of: 4))
    let file = try SafetensorsFile(
      at: states.place(of: 2).appending(path: "state.safetensors"))
    #expect(file.tensors.contains { $0.name.text.hasPrefix("frozen.") })
    let resumed = try Lowrank(
      workshop.training(into: "part", "--save-every", "2", "--resume") + flags)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("after step 2 of 4"))
    #expect(!resumed.errors.contains("decomposing"))
    #expect(try tensors(workshop.place("part")) == tensors(workshop.place("whole")))
    let other = try Lowrank(
      workshop.training(into: "part", "--resume", "--iters", "4", "--method", method))
    #expect(
      other.status == 2
        && other.errors.contains("the run began with --init \(start); give it again"),
      "\(other.errors)")
    let rank = try Lowrank(workshop.training(into: "part", "--resume") + flags + ["--rank", "3"])
    #expect(
      rank.status == 2
        && rank.errors.contains("the run began with --rank 2, and this command has --rank 3"),
      "\(rank.errors)")
  }

  @Test(arguments: [
    "hira", "hira:dropout=0.3", "loha", "lokr:decompose_both=true", "vera:dropout=0.3",
    "vera:save_projection=false", "randlora:sparse=true", "svd:dropout=0.3", "mora", "lora-xs",
    "polar:dropout=0.3", "tied", "lotr", "cp:heads=2", "tt:modes=2",
  ])
  func `trains, resumes, merges, prunes, converts and shows a method of any type`(
    method: String
  ) throws {
    let workshop = try Workshop()
    let flags = ["--method", method, "--iters", "4", "--save-every", "2"]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try Lowrank(workshop.training(into: "part") + flags).status == 0)
    let states = StateHistory(inAdapter: workshop.place("part"))
    try FileManager.default.removeItem(at: states.place(of: 4))
    let resumed = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(
      resumed.status == 0 && resumed.errors.contains("after step 2 of 4"), "\(resumed.errors)")
    #expect(try tensors(workshop.place("part")) == tensors(workshop.place("whole")))
    #expect(!resumed.errors.contains("decomposing"))
    let changed = try Lowrank(
      workshop.training(into: "part", "--iters", "4", "--resume", "--method", "lora"))
    #expect(changed.status == 2, "\(changed.errors)")
    let adapter = workshop.place("whole").path
    let merged = try Lowrank(
      "merge", "--model", workshop.model.path, "--adapter", adapter, "--output",
      workshop.place("merged").path)
    #expect(merged.status == 0, "\(merged.errors)")
    let inspected = try Lowrank("inspect", adapter, "--json").json()
    let name = try MethodRegistries.architectures.choice(method).name
    let card = MethodRegistries.architectures.cards.first { $0.name == name }
    let native = workshop.place("whole").appending(path: "native.safetensors").path
    let isPlain = FileManager.default.fileExists(atPath: native)
    #expect(isPlain == (card?.peftType == nil && name != "mora"))
    #expect(
      inspected["method"]
        == .string(isPlain ? "LORA" : card?.peftType ?? name.uppercased()))
    let base = name == "hira" ? ["--model", workshop.model.path] : []
    let small = workshop.place("small")
    for verb in [
      ["compress", adapter, "--output", small.path, "--uniform", "1"] + base,
      ["convert", adapter, "--to", "mlx", "--output", workshop.place("mlx").path] + base,
      ["analyze", adapter] + base, ["diff", adapter, adapter, "--exit-code"] + base,
      ["combine", "\(adapter)=0.5", "--output", workshop.place("half").path] + base,
      ["push", adapter, "somebody/adapter", "--dry-run"],
    ] {
      let done = try Lowrank(verb)
      #expect(done.status == 0, "\(verb[0]): \(done.errors)")
    }
    let config = try JSONFile(at: small.appending(path: "adapter_config.json"))
    #expect(config["peft_type"] == "LORA" && config["r"] == 1)
    #expect(
      !FileManager.default.fileExists(atPath: small.appending(path: "native.safetensors").path))
    guard name == "hira" else { return }
    let refused = try Lowrank("analyze", adapter)
    #expect(
      refused.status == 1 && refused.errors.contains("depends on the weights of its base")
        && refused.errors.contains("--model"), "\(refused.errors)")
  }

  @Test func `trains the LoRA of another method further where it is asked for`() throws {
    let workshop = try Workshop()
    let made = try Lowrank(
      workshop.training(into: "polar", "--method", "polar", "--iters", "2"))
    #expect(made.status == 0, "\(made.errors)")
    let start = workshop.place("polar").path
    func trained(_ name: String, _ flags: String...) throws -> (Lowrank, Bool) {
      let run = try Lowrank(
        [
          "train", "--model", workshop.model.path, "--data", workshop.data.path, "--adapter-path",
          workshop.place(name).path, "--init-adapter", start, "--iters", "2",
        ] + flags)
      let native = workshop.place(name).appending(path: "native.safetensors").path
      return (run, FileManager.default.fileExists(atPath: native))
    }
    let (own, isOwn) = try trained("own")
    #expect(own.status == 0 && isOwn, "\(own.errors)")
    let (plain, isNative) = try trained("plain", "--method", "lora")
    #expect(plain.status == 0 && !isNative, "\(plain.errors)")
    let (other, _) = try trained("other", "--method", "dora")
    #expect(
      other.status == 2 && other.errors.contains("--method has no effect with --init-adapter"),
      "\(other.errors)")
    // Whoever changes one of the two files is told so.
    let weights = workshop.place("polar").appending(path: "adapter_model.safetensors")
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: weights)
    let (changed, _) = try trained("changed")
    #expect(
      changed.status == 1
        && changed.errors.contains("holds the POLAR factors of another adapter"),
      "\(changed.errors)")
  }

  @Test(arguments: [("lora", true), ("lokr", false)])
  func `warns of a rank above that of a weight`(method: String, warns: Bool) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--rank", "200", "--method", method))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("directions: the others add parameters alone") == warns)
  }

  @Test(arguments: ["lora-fa", "rolora", "altlora"])
  func `refuses to hold a factor that begins at zero`(optimizer: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--method", "loha", "--optimizer", optimizer))
    #expect(
      run.status == 2
        && run.errors.contains("--optimizer \(optimizer) does not go with --method loha: "),
      "\(run.errors)")
  }

  @Test(arguments: [
    (["--method", "hira", "--alpha", "4"], "--alpha has no effect with --method hira"),
    (["--method", "hira", "--init", "pissa"], "--method hira does not go with --init pissa: "),
    (["--method", "loha", "--init", "gaussian"], "loha has a start of its own"),
    (
      ["--method", "hira", "--init", "eva"],
      "--init eva gives modules ranks of their own, which --method hira cannot have; give eva:rho=1"
    ),
    (["--method", "hira", "--rslora"], "PEFT's type HIRA cannot hold rank-stabilised scales"),
    (
      ["--method", "hira", "--rank-pattern", "q_proj=1"],
      "PEFT's type HIRA cannot hold ranks of single modules"
    ),
    (["--method", "loha", "--dropout", "0.1"], "--dropout has no effect with --method loha"),
    (["--method", "hira", "--target", "embed_tokens"], "HIRA cannot adapt a table of embeddings"),
    (["--method", "vera", "--alpha", "4"], "--alpha has no effect with --method vera"),
    (
      ["--method", "vera", "--rank-pattern", "q_proj=1"],
      "PEFT's type VERA cannot hold ranks of single modules"
    ),
    (
      ["--method", "vera:dropout=1"],
      "--method vera: dropout is \"1\", expected a number of 0 or more"
    ),
    (
      ["--method", "vera:decompose_both=true"],
      "--method vera has no option \"decompose_both\", which is one of lokr; its options are d_initial,"
    ),
    (
      ["--method", "lokr:decompose_bath=true"],
      "--method lokr has no option \"decompose_bath\"; its options are decompose_both, decompose_factor; did you mean \"decompose_both\"?"
    ),
    (
      ["--method", "lokr:decompose_factor=-2"],
      "--method lokr: decompose_factor is \"-2\", expected a whole number from -1 to 65536"
    ),
    (["--method", "lokr", "--init", "pissa"], "lokr has a start of its own"),
    (
      ["--method", "lokr", "--bias", "all"], "PEFT's type LOKR cannot hold trained biases"
    ),
    (
      ["--method", "randlora:save_projection=maybe"],
      "--method randlora: save_projection is \"maybe\", expected true or false"
    ),
    (
      ["--method", "mora", "--rank", "9"],
      "--rank is 9 for model.layers.0.self_attn.q_proj, expected at most"
    ),
    (
      ["--method", "svd", "--rank", "17"],
      "--rank is 17 for model.layers.0.self_attn.q_proj, expected at most 16"
    ),
    (
      ["--method", "svd", "--alpha-pattern", "q_proj=1"],
      "PEFT's type ADALORA cannot hold alphas of single modules"
    ),
  ])
  func `refuses what a method cannot do`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "1") + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
  }
}
