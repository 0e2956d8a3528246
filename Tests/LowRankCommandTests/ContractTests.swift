import Foundation
import LowRank
import LowRankTesting
import Testing

/// Flags and JSON fields that programs outside the repository depend on: fields may be added, none renamed.
///
/// A line of `Fixtures/contract` may only go away with the flag's or the field's end of support. `flags.txt` has the flags
/// of each verb, `grammar.txt` what each of them takes; `json.txt` has the fields that the commands below print.
@Suite struct `The contract with scripts` {
  private static func lines(_ name: String) throws -> Set<String> {
    let file = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/contract/\(name)")
    let text = try String(contentsOf: file, encoding: .utf8)
    return Set(text.split(separator: "\n").map(String.init))
  }

  @Test func `has every flag that it had`() throws {
    let expected = try Self.lines("flags.txt")
    try #require(expected.count > 500)
    let help = try Lowrank("--experimental-dump-help").json()
    var found: Set<String> = []
    func collect(_ command: JSONObject, _ path: [String]) throws {
      for argument in command["arguments"]?.array ?? [] {
        for name in argument.object?["names"]?.array ?? [] {
          guard let word = name.object?["name"]?.string else { continue }
          found.insert((path + ["--" + word]).joined(separator: " "))
        }
      }
      for case .object(let verb) in command["subcommands"]?.array ?? [] {
        try collect(verb, path + [try #require(verb["commandName"]?.string)])
      }
    }
    try collect(try #require(help["command"]?.object), [])
    #expect(expected.subtracting(found).sorted() == [])
  }

  /// A line is `train --rank: option unconditional`: what follows a flag, whether it repeats, and its default.
  @Test func `has every flag as it was: switch or value, and its default`() throws {
    let expected = try Self.lines("grammar.txt")
    try #require(expected.count > 450)
    let help = try Lowrank("--experimental-dump-help").json()
    var found: Set<String> = []
    func collect(_ command: JSONObject, _ path: [String]) throws {
      for argument in (command["arguments"]?.array ?? []).compactMap(\.object) {
        let kind = argument["kind"]?.string ?? ""
        let strategy = argument["parsingStrategy"]?.string ?? "default"
        let repeating = argument["isRepeating"]?.bool == true ? " repeating" : ""
        let standard = argument["defaultValue"]?.string.map { " = \($0)" } ?? ""
        for case .object(let name) in argument["names"]?.array ?? [] {
          let dashes = name["kind"]?.string == "long" ? "--" : "-"
          let flag = (path + [dashes + (name["name"]?.string ?? "")]).joined(separator: " ")
          found.insert("\(flag): \(kind) \(strategy)\(repeating)\(standard)")
        }
      }
      for case .object(let verb) in command["subcommands"]?.array ?? [] {
        try collect(verb, path + [try #require(verb["commandName"]?.string)])
      }
    }
    try collect(try #require(help["command"]?.object), [])
    #expect(expected.subtracting(found).sorted() == [])
  }

  @Test func `has every field of JSON that it had`() throws {
    let expected = try Self.lines("json.txt")
    try #require(expected.count > 550)
    let workshop = try Workshop()
    let (a, b) = (workshop.place("a").path, workshop.place("b").path)
    let onModel = ["--model", workshop.model.path]
    let rows = ["--data", workshop.data.appending(path: "valid.jsonl").path]
    let store = ["--store", workshop.place("runs.sqlite").path]
    let foreign = workshop.place("mlx.yaml")
    let plan = workshop.place("plan.yaml")
    try """
    base: {model: \(workshop.model.path), data: \(workshop.data.path), precision: f32, no_store: true}
    vary: {rank: [1, 2], seed: [0, 1]}
    budget: {steps: 2}
    """.write(to: plan, atomically: true, encoding: .utf8)
    let pairs = try workshop.pairs()
    func output(_ name: String) -> [String] { ["--output", workshop.place(name).path] }
    let commands: [(String, [String])] = [
      ("train", workshop.training(into: "a", "--iters", "4", "--eval-every", "2") + store),
      ("train --dry-run", workshop.training(into: "dry", "--iters", "4", "--dry-run") + store),
      ("train (b)", workshop.training(into: "b", "--iters", "4") + store),
      ("evaluate", ["evaluate"] + onModel + ["--adapter", a] + rows),
      (
        "train --objective",
        [
          "train", "--objective", "dpo", "--data", pairs.path, "--adapter-path",
          workshop.place("p").path,
        ]
          + onModel + store + ["--iters", "2", "--rank", "2"]
      ),
      (
        "evaluate --objective",
        ["evaluate", "--objective", "dpo", "--adapter", workshop.place("p").path]
          + onModel + ["--data", pairs.appending(path: "valid.jsonl").path]
      ),
      ("score", ["score"] + onModel + ["--adapter", a, "--ids", "1,2,3"]),
      ("generate", ["generate"] + onModel + ["--prompt", "abc", "--max-tokens", "3"]),
      ("inspect ADAPTER", ["inspect", a]), ("inspect MODEL", ["inspect", workshop.model.path]),
      ("data check", ["data", "check"] + onModel + ["--data", workshop.data.path]),
      ("compress", ["compress", a, "--keep", "0.5"] + output("c")),
      (
        "compress --verify",
        ["compress", a, "--keep", "0.5", "--verify"] + onModel + rows + output("d")
      ),
      (
        "compress --max-loss-increase",
        ["compress", a, "--max-loss-increase", "1%", "--verify"] + onModel + rows + output("e")
      ),
      (
        "train (DoRA)",
        workshop.training(into: "dora", "--iters", "2", "--dora") + store
      ),
      (
        "compress (DoRA)",
        ["compress", workshop.place("dora").path, "--keep", "0.1"] + output("f")
      ),
      ("analyze", ["analyze", a, "--spline"]), ("analyze --model", ["analyze", a] + onModel),
      ("diff", ["diff", a, b]), ("combine", ["combine", a, b] + output("ab")),
      ("merge", ["merge"] + onModel + ["--adapter", a] + output("m")),
      (
        "extract",
        ["extract", "--base", workshop.model.path, "--tuned", workshop.place("m").path]
          + output("x") + ["--rank", "2"]
      ),
      ("convert --to mlx", ["convert", a, "--to", "mlx"] + onModel + output("mlx")),
      (
        "pretrain",
        ["pretrain", "--iters", "2", "--data", workshop.data.path] + onModel + output("whole")
          + store
      ),
      ("experiment", ["experiment", plan.path] + output("ex")),
      ("experiment --dry-run", ["experiment", plan.path, "--dry-run"]),
      ("advise", ["advise", "--data", workshop.data.path] + onModel),
      (
        "compress --heal",
        [
          "compress", a, "--keep", "0.5", "--verify", "--importance", "taylor", "--calibrate",
          rows[1], "--heal", "2",
        ] + onModel + rows + output("h")
      ),
      ("push --dry-run", ["push", a, "me/x", "--dry-run"]), ("methods", ["methods"]),
      ("convert config", ["convert", "config", foreign.path] + output("run.yaml")),
      ("embed", ["embed"] + onModel + ["--text", "abc"]),
      ("runs list", ["runs", "list"] + store), ("runs show", ["runs", "show", "1"] + store),
      ("runs compare", ["runs", "compare", "1", "2"] + store),
      (
        "bench train",
        [
          "bench", "train", "--config", workshop.model.appending(path: "config.json").path,
          "--batch", "1", "--length", "8", "--rank", "2", "--precision", "f32",
        ]
      ),
      (
        "bench generate",
        [
          "bench", "generate", "--model", workshop.model.path, "--adapter", a, "--prompt", "4",
          "--tokens", "4", "--rounds", "1", "--precision", "f32",
        ]
      ),
    ]
    try
      "model: \(workshop.model.path)\ndata: \(workshop.data.path)\noptimizer: adam\nwrong_key: 3\n"
      .write(to: foreign, atomically: true, encoding: .utf8)
    var found: Set<String> = []
    for (name, arguments) in commands {
      let json = arguments.contains("--json") ? [] : ["--json"]
      let answer = try Lowrank(arguments + json)
      try #require(answer.status == 0, "\(name): \(answer.errors)")
      collect(try JSONValue(parsing: answer.output, from: name), name, "", into: &found)
    }
    #expect(expected.subtracting(found).sorted() == [])
  }

  /// Fields by their path; keys that are names of modules or types of tensors are data.
  private func collect(
    _ value: JSONValue, _ command: String, _ path: String, into found: inout Set<String>
  ) {
    for element in value.array ?? [] { collect(element, command, path + "[]", into: &found) }
    for (key, element) in value.object?.entries ?? []
    where key.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil {
      let inner = path.isEmpty ? key : "\(path).\(key)"
      found.insert("\(command): \(inner)")
      collect(element, command, inner, into: &found)
    }
  }
}
