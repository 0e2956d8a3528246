import Foundation
import LowRank
import LowRankTesting
import Testing

/// Flags and JSON fields that programs outside the repository depend on: fields may be added, none renamed.
///
/// A line of `Fixtures/contract` may only go away with the flag's or the field's end of support. `flags.txt` has the flags
/// of each verb; `json.txt` has the fields that the commands below print.
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

  @Test func `has every field of JSON that it had`() throws {
    let expected = try Self.lines("json.txt")
    try #require(expected.count > 400)
    let workshop = try Workshop()
    let (a, b) = (workshop.place("a").path, workshop.place("b").path)
    let onModel = ["--model", workshop.model.path]
    let rows = ["--data", workshop.data.appending(path: "valid.jsonl").path]
    let store = ["--store", workshop.place("runs.sqlite").path]
    func output(_ name: String) -> [String] { ["--output", workshop.place(name).path] }
    let commands: [(String, [String])] = [
      ("train", workshop.training(into: "a", "--iters", "4", "--eval-every", "2") + store),
      ("train --dry-run", workshop.training(into: "dry", "--iters", "4", "--dry-run") + store),
      ("train (b)", workshop.training(into: "b", "--iters", "4") + store),
      ("evaluate", ["evaluate"] + onModel + ["--adapter", a] + rows),
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
      ("analyze", ["analyze", a]), ("analyze --model", ["analyze", a] + onModel),
      ("diff", ["diff", a, b]), ("combine", ["combine", a, b] + output("ab")),
      ("merge", ["merge"] + onModel + ["--adapter", a] + output("m")),
      (
        "extract",
        ["extract", "--base", workshop.model.path, "--tuned", workshop.place("m").path]
          + output("x") + ["--rank", "2"]
      ),
      ("convert --to mlx", ["convert", a, "--to", "mlx"] + onModel + output("mlx")),
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
    ]
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
