import Foundation
import LowRank
import Testing

@Suite struct `--allow` {
  /// The flags of every verb that loads an adapter onto a base, without those flags.
  static let verbs: [(verb: String, flags: [String])] = [
    ("score", ["--ids", "1,2,3"]), ("generate", ["--prompt", "abc", "--max-tokens", "2"]),
    ("evaluate", ["--data", "DATA/valid.jsonl"]), ("embed", ["--text", "abc"]),
    ("merge", ["--output", "OUT"]),
    ("train", ["--data", "DATA", "--iters", "1", "--batch-size", "2", "--adapter-path", "OUT"]),
    ("compress", ["--verify", "--data", "DATA/valid.jsonl", "--output", "OUT"]),
    ("compress", ["--calibrate", "DATA/valid.jsonl", "--output", "OUT"]),
    ("analyze", []), ("analyze", ["--data", "DATA/valid.jsonl"]),
    ("convert", ["--to", "mlx", "--output", "OUT"]),
  ]

  @Test(arguments: 0..<verbs.count)
  func `lets the adapter pass in every verb, with a note`(_ index: Int) throws {
    let (verb, flags) = Self.verbs[index]
    let workshop = try AdapterWorkshop()
    try workshop.exchangeBase()
    let takesAdapterFirst = ["compress", "analyze", "convert"].contains(verb)
    let adapter =
      takesAdapterFirst
      ? [workshop.adapter.path]
      : [verb == "train" ? "--init-adapter" : "--adapter", workshop.adapter.path]
    let arguments =
      [verb] + adapter + ["--model", workshop.model.path]
      + flags.map {
        $0.replacing("DATA", with: workshop.workshop.data.path)
          .replacing("OUT", with: workshop.workshop.place("out").path)
      }
    let refusal = try Lowrank(arguments)
    #expect(refusal.status == 1 && refusal.errors.contains("[check: fingerprint]"))
    #expect(!FileManager.default.fileExists(atPath: workshop.workshop.place("out").path))
    let answer = try Lowrank(arguments + ["--allow", "fingerprint"])
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("\nallowed: ") || answer.errors.hasPrefix("allowed: "))
    #expect(answer.errors.contains("[check: fingerprint]"), "\(answer.errors)")
    if verb != "analyze", verb != "convert" {
      #expect(
        answer.errors.contains(
          "4 of 4 modules, 8 tensors; another base than it was trained on"), "\(answer.errors)")
    }
  }

  @Test func `lets the adapter pass in predict`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let config = adapter.appending(path: "adapter_config.json")
    var object = try JSONFile(at: config).object
    object["target_modules"] = .array((object["target_modules"]?.array ?? []) + ["nope"])
    try JSONValue.object(object).write(to: config)
    let refusal = try workshop.ask("predict", adapter, "--text", "the film was good")
    #expect(refusal.status == 1 && refusal.errors.contains("[check: targets]"))
    let answer = try workshop.ask(
      "predict", adapter, "--text", "the film was good", "--allow", "targets")
    #expect(answer.status == 0 && answer.errors.contains("allowed: "), "\(answer.errors)")
  }

  @Test func `says nothing where there was nothing to let through`() throws {
    let workshop = try AdapterWorkshop()
    let answer = try workshop.score("--allow", "tensors,rank", "--allow", "finite")
    #expect(answer.status == 0)
    #expect(!answer.errors.contains("allowed"))
    #expect(
      answer.errors
        == "\(workshop.adapter.relativePath): 4 of 4 modules, 8 tensors; the base it was trained on\n"
    )
  }

  @Test func `of an unknown check is refused with the names of the others`() throws {
    let answer = try Lowrank("score", "--model", "m", "--adapter", "a", "--allow", "tensors,all")
    #expect(answer.status == 2)
    #expect(
      answer.errors.contains(
        "there is no check \"all\"; the checks are tensors, targets, shapes, finite, rank, fingerprint"
      ), "\(answer.errors)")
  }

  @Test(arguments: [
    ["score", "--model", "m", "--ids", "1"], ["train", "--model", "m", "--adapter-path", "a"],
    ["compress", "a", "--output", "b"], ["analyze", "a"],
    ["convert", "a", "--to", "mlx", "--output", "b"], ["combine", "a", "--output", "b"],
  ])
  func `without an adapter on a base is refused`(_ arguments: [String]) throws {
    let answer = try Lowrank(arguments + ["--allow", "finite"])
    #expect(answer.status == 2)
    #expect(answer.errors.contains("--allow has no effect without --"), "\(answer.errors)")
  }
}
