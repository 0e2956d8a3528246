import Foundation
import LowRank
import Testing

/// What the Tab key offers, computed by the shells themselves through `scripts/complete-with`.
@Suite struct `The Tab key` {
  enum Shell: String, CaseIterable {
    case bash, zsh, fish

    var isInstalled: Bool {
      ["/bin", "/usr/bin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(rawValue)")
      }
    }
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private let folder = FileManager.default.temporaryDirectory.appending(path: "tab-\(UUID())")

  init() throws {
    for name in ["models", "data"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    for name in ["run.yaml", "rows.jsonl", "adapter.gguf", "notes.txt", "page.html", "t.jinja"] {
      try Data().write(to: folder.appending(path: name))
    }
  }

  private func offers(_ line: String, in shell: Shell) throws -> Set<String> {
    let script = folder.appending(path: ".script")
    let made = try Lowrank("--generate-completion-script", shell.rawValue)
    #expect(made.status == 0 && !made.output.isEmpty, "\(made.errors)")
    try made.output.write(to: script, atomically: true, encoding: .utf8)
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = Self.root.appending(path: "scripts/complete-with")
    process.arguments = [shell.rawValue, script.path, line]
    process.currentDirectoryURL = folder
    process.standardOutput = pipe
    let program = Lowrank.program.deletingLastPathComponent().path
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PATH": program + ":/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "TERM": "dumb",
    ]) { _, new in new }
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let words = String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      $0.hasSuffix("/") ? String($0.dropLast()) : String($0)
    }
    try FileManager.default.removeItem(at: script)
    return Set(words)
  }

  /// A command line, what has to be offered at its end, and what must not be.
  private static let lines: [(line: String, offered: Set<String>, other: Set<String>)] = [
    ("lowrank tra", ["train"], ["merge", "--rank"]),
    ("lowrank runs s", ["show"], ["list"]),
    ("lowrank evaluate --color a", ["auto", "always"], ["never", "run.yaml"]),
    ("lowrank data ", ["check"], ["train"]),
    ("lowrank train --grad-acc", ["--grad-accumulation"], ["--rank"]),
    ("lowrank train --precision ", ["auto", "bf16", "f32"], ["run.yaml"]),
    ("lowrank train --lr-schedule ", ["linear", "cosine", "constant"], ["data"]),
    ("lowrank train --model ", ["models", "data"], ["run.yaml", "notes.txt"]),
    ("lowrank train --config ", ["run.yaml", "models"], ["notes.txt", "page.html"]),
    ("lowrank train --data ", ["data", "rows.jsonl", "notes.txt"], ["page.html", "run.yaml"]),
    ("lowrank train --chat-template ", ["t.jinja", "chatml"], ["run.yaml"]),
    ("lowrank merge --dtype ", ["f32", "bf16", "f16"], ["auto"]),
    ("lowrank compress ", ["adapter.gguf", "models"], ["run.yaml"]),
    ("lowrank convert --to ", ["peft", "mlx", "gguf"], ["axolotl"]),
    ("lowrank convert ", ["config", "adapter.gguf", "models"], ["run.yaml"]),
    ("lowrank combine --mode dare_t", ["dare_ties", "dare_ties_svd"], ["ties"]),
    ("lowrank generate --allow fin", ["finite", "fingerprint"], ["rank"]),
    ("lowrank analyze models --report ", ["page.html"], ["run.yaml"]),
  ]

  /// The lines at whose end words and files of some extensions are offered.
  private static let asked = ["lowrank convert ", "lowrank train --chat-template "]

  @Test(arguments: Shell.allCases)
  func `offers verbs, flags, values, files and folders`(shell: Shell) throws {
    guard shell.isInstalled else {
      print("\(shell.rawValue) is not installed: its completions are not tested")
      return
    }
    for (line, offered, other) in Self.lines {
      // Here the script asks the program, which fish does on a terminal only.
      if shell == .fish, Self.asked.contains(line) { continue }
      let words = try offers(line, in: shell)
      #expect(words.isSuperset(of: offered), "\(shell): \(line): \(words)")
      #expect(words.isDisjoint(with: other), "\(shell): \(line): \(words)")
    }
    try FileManager.default.removeItem(at: folder)
  }

  /// What no list completes: numbers and texts of one's own.
  private static let free: Set = [
    "n", "r", "a", "p", "x", "k", "t", "b", "g", "w", "share", "size", "text", "re", "list", "k=v",
    "names",
    "tokens", "b1,b2", "ids", "n,…", "name,…", "name", "branch", "id",
  ]

  @Test func `has something to offer for every flag that takes no number or text`() throws {
    let help = try Lowrank("--experimental-dump-help").json()
    var verbs = [try #require(help["command"]?.object)]
    var count = 0
    while let verb = verbs.popLast() {
      verbs += verb["subcommands"]?.array?.compactMap(\.object) ?? []
      for argument in (verb["arguments"]?.array ?? []).compactMap(\.object) {
        guard argument["kind"]?.string == "option",
          let value = argument["valueName"]?.string, !Self.free.contains(value)
        else { continue }
        count += 1
        let name = argument["preferredName"]?.object?["name"]?.string ?? ""
        #expect(
          argument["completionKind"] != nil,
          "\(verb["commandName"]?.string ?? "") --\(name) <\(value)> has no completion")
      }
    }
    #expect(count > 80)
  }
}
