import Foundation
import FoundationNetworking
import LowRank
import LowRankRuns
import LowRankSessions
import Testing

/// `lowrank runs` over a store of two finished runs.
@Suite struct `The verb runs` {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID())")
  private var store: URL { folder.appending(path: "runs.sqlite") }

  init() throws {
    let store = try RunStore(at: store)
    for (rank, losses) in [(8, [3.5, 3, 2.5]), (16, [3, .nan])] {
      let run = try store.begin(
        RunFacts(
          adapter: folder.appending(path: "a\(rank)").path, task: "causal", base: "models/gpt2",
          data: "data/names", dataHash: "cd34",
          configuration: #"{"rank":\#(rank),"schedule":{"name":"linear"}}"#,
          versions: #"{"lowrank":"0.1.0"}"#, steps: 4))
      for (index, loss) in losses.enumerated() {
        try store.record(
          ["loss": loss, "tokens_per_second": 812.3, "update_norm/h.0": 1], step: index + 1,
          of: run)
      }
      try store.record(["valid_accuracy": 0.75], step: losses.count, of: run)
      try store.end(
        run, rank == 8 ? .finished : .failed, message: rank == 8 ? nil : "the loss is NaN")
    }
  }

  private func runs(_ arguments: String...) throws -> Lowrank {
    try Lowrank(["runs"] + arguments + ["--store", store.path])
  }

  @Test func `lists runs, the newest first`() throws {
    let answer = try runs()
    #expect(answer.status == 0)
    let lines = answer.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("id  started"))
    let words = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(words[1][3...7] == ["failed", "2/4", "nan", "accuracy", "0.75"])
    #expect(words[2][3...8] == ["finished", "3/4", "2.5", "accuracy", "0.75", "812"])
    let one = try runs("list", "--limit", "1", "--json").json()["runs"]?.array
    #expect(one?.count == 1)
    #expect(one?.first?.object?["outcome"]?.string == "failed")
    #expect(one?.first?.object?["metrics"]?.object?["loss"] == .null)
  }

  /// The step whose adapter is kept was evaluated before the run was resumed.
  @Test func `lists the evaluation of what a run kept`() throws {
    let place = folder.appending(path: "kept.sqlite")
    let store = try RunStore(at: place)
    func begin(_ metric: String, from step: Int, continuing: Int64? = nil) throws -> Int64 {
      var facts = RunFacts(
        adapter: folder.appending(path: "k").path, task: "causal", base: "m", data: "d",
        dataHash: "cd34", configuration: #"{"metric": \#(metric)}"#, versions: "{}", steps: 8,
        firstStep: step)
      facts.continues = continuing
      return try store.begin(facts)
    }
    for metric in ["\"loss\"", "null"] {
      let first = try begin(metric, from: 0)
      for (step, loss) in [(2, 3.0), (4, 2.0), (6, 1.0)] {
        try store.record(
          ["loss": 1, "valid_loss": loss, "valid_x": loss + 10], step: step, of: first)
      }
      // What came after the state that was continued does not count.
      let second = try begin(metric, from: 4, continuing: first)
      try store.record(["loss": 1, "valid_loss": 2.5, "valid_x": 12.5], step: 6, of: second)
      try store.record(["loss": 1, "valid_loss": 4, "valid_x": 14], step: 8, of: second)
    }
    let answer = try Lowrank("runs", "list", "--store", place.path, "--json")
    let runs = try #require(answer.json()["runs"]?.array, "\(answer.errors)").compactMap(\.object)
    func values(_ name: String) -> [Double?] {
      runs.map { $0["metrics"]?.object?[name]?.double }
    }
    #expect(values("valid_loss") == [4, 1, 2, 1] && values("valid_x") == [14, 11, 12, 11])
    let lines = try Lowrank("runs", "--store", place.path).output.split(separator: "\n")
    #expect(lines[3].split(separator: " ").contains("2"), "\(lines)")
  }

  @Test func `exports one object with --json`() throws {
    let object = try runs("export", "1", "--metrics", "loss", "--json").json()
    #expect(object["run"] == 1)
    let loss = try #require(object["metrics"]?.object?["loss"]?.object)
    #expect(loss["steps"] == [1, 2, 3] && loss["values"]?.array?.map(\.double) == [3.5, 3, 2.5])
    let file = folder.appending(path: "r.csv").path
    let written = try runs("export", "1", "--output", file, "--json")
    #expect(written.status == 0)
    #expect(try written.json()["output"] == .string(file) && written.json()["values"] == 10)
    let events = folder.appending(path: "events").path
    let folders = try runs("export", "1", "2", "--tensorboard", events, "--json").json()["folders"]
    #expect(folders?.array?.count == 2)
  }

  @Test func `keeps how rows were read and how often the run evaluated and saved`() throws {
    let workshop = try Workshop()
    for file in ["train.jsonl", "valid.jsonl"] {
      try workshop.write(
        #"{"question": "ab", "answer": "ef"}"# + "\n", to: workshop.data, file)
    }
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "1", "--prompt-template", "{question}: ", "--max-seq-length", "16",
        "--eval-every", "5", "--save-every", "3", "--store", workshop.place("s.sqlite").path))
    #expect(run.status == 0, "\(run.errors)")
    let shown = try Lowrank(
      "runs", "show", "1", "--store", workshop.place("s.sqlite").path, "--json")
    let configuration = try #require(try shown.json()["configuration"]?.object)
    #expect(configuration["prompt_template"] == "{question}: ")
    #expect(configuration["completion_column"] == "answer")
    #expect(configuration["eval_every"] == 5 && configuration["save_every"] == 3)
    #expect(configuration["max_seq_length"] == 16 && configuration["row_flags"] == nil)
    // All settings are there, and make the same run again.
    let all = try #require(configuration["settings"]?.object)
    #expect(all["rank"] == 2 && all["save_total_limit"] == 2 && all["adapter_path"] == nil)
    let settings = try RunSettings(json: all)
    #expect(settings.model.model == workshop.model.path && settings.saveEvery == 3)
    #expect(settings.data.promptTemplate == "{question}: " && settings.output == nil)
    let text = try Lowrank("runs", "show", "1", "--store", workshop.place("s.sqlite").path).output
    #expect(text.contains("\n  save_total_limit: 2\n") && !text.contains("settings."), "\(text)")
    // The adapter knows the length, too, which evaluate then keeps to.
    let facts = try #require(try AdapterFolder.task(at: workshop.place("a")))
    #expect(facts["max_seq_length"] == 16)
  }

  @Test func `finds the runs of an adapter`() throws {
    let answer = try runs("--adapter", folder.appending(path: "x/../a8").path, "--json")
    #expect(try answer.json()["runs"]?.array?.count == 1)
    let none = try runs("--adapter", "elsewhere")
    #expect(none.status == 0 && none.output.isEmpty)
    #expect(none.errors == "none of the runs wrote elsewhere\n")
  }

  @Test func `says what makes runs where there are none`() throws {
    let answer = try Lowrank("runs", "--store", folder.appending(path: "none").path)
    #expect(answer.status == 0 && answer.output.isEmpty)
    #expect(answer.errors.contains("every `lowrank train` adds one"))
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "none").path))
  }

  @Test(arguments: [["runs"], ["runs", "show", "1"], ["watch", "--port", "0"]])
  func `says what it expected in place of another file`(verb: [String]) throws {
    let file = folder.appending(path: "notes.txt")
    try "notes of mine, which are no database of runs\n".write(
      to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank(verb + ["--store", file.path])
    #expect(answer.status == 1 && answer.output.isEmpty)
    #expect(
      answer.errors
        == "error: \(file.path) is no run store, expected the SQLite file in which `lowrank train` records runs: name it with --store or LOWRANK_RUNS\n"
    )
  }

  @Test func `says where a store is missing`() throws {
    let file = folder.appending(path: "none.sqlite")
    let shown = try Lowrank("runs", "show", "1", "--store", file.path)
    #expect(shown.status == 1)
    #expect(
      shown.errors.hasPrefix(
        "error: there is no run store at \(file.path), expected the file in which `lowrank train` records runs"
      ), "\(shown.errors)")
    let watch = try Lowrank.Running(["watch", "--port", "0", "--store", file.path])
    defer { watch.process.terminate() }
    while try !watch.errors().contains("Ctrl-C ends"), watch.process.isRunning { usleep(10_000) }
    #expect(
      try watch.errors().contains(
        "note: there is no file \(file.path) yet: a run store is the SQLite file to which every `lowrank train` adds one run"
      ))
  }

  @Test func `has its store watched`() async throws {
    let watch = try Lowrank.Running(["watch", "--port", "0", "--store", store.path])
    defer { watch.process.terminate() }
    while try !watch.errors().contains("Ctrl-C ends"), watch.process.isRunning {
      try await Task.sleep(for: .milliseconds(10))
    }
    let said = try watch.errors()
    let address = try #require(
      said.firstMatch(of: /^Runs of (.+) at (http:\S+) \(Ctrl-C ends\)\n/), "\(said)")
    #expect(String(address.1) == store.path)
    let url = try #require(URL(string: String(address.2))).appending(path: "api/runs")
    let (data, _) = try await URLSession.shared.data(from: url)
    let runs = try JSONValue(parsing: data).object?["runs"]?.array?.compactMap(\.object)
    #expect(runs?.map { $0["id"]?.string } == ["2", "1"], "\(runs ?? [])")
  }

  @Test func `shows the loss that training reported`() throws {
    let workshop = try Workshop()
    let place = folder.appending(path: "mine.sqlite").path
    let trained = try Lowrank(
      workshop.training(into: "a", "--iters", "40", "--batch-size", "1", "--store", place)
        .filter { $0 != "--json" })
    let loss = try #require(trained.errors.firstMatch(of: /training loss ([0-9.]+) over/)).1
    let metrics = try Lowrank("runs", "--store", place, "--json").json()["runs"]?.array?.first?
      .object?["metrics"]?.object
    let shown = try #require(metrics?["train_loss"]?.double)
    #expect(String(format: "%.4f", shown) == String(loss))
    #expect(metrics?["loss"]?.double != shown)
    let words = try Lowrank("runs", "--store", place).output.split(separator: "\n")[1]
      .split(separator: " ")
    #expect(String(words[5]) == String(format: "%.5g", shown))
  }

  @Test func `keeps its dates whole in a narrow terminal`() throws {
    let shown = try PseudoTerminal(
      ["runs", "--store", store.path], columns: 60, streams: [.output])
    let dates = shown.lines.filter { $0.contains(/\d{4}-\d\d-\d\d \d\d:\d\d/) }
    #expect(dates.count >= 2, "\(shown.text)")
    for line in shown.lines { #expect(PseudoTerminal.columns(of: line) <= 60, "\(line)") }
  }

  @Test func `shows a run`() throws {
    let answer = try runs("show", "1")
    #expect(answer.status == 0)
    for line in [
      "run 1: finished, step 3 of 4\n", "data: data/names (cd34)\n", "versions: lowrank 0.1.0\n",
      "configuration:\n  rank: 8\n  schedule.name: linear\n",
    ] { #expect(answer.output.contains(line), "\(answer.output)") }
    let loss = try #require(answer.output.split(separator: "\n").first { $0.hasPrefix("loss") })
    #expect(
      loss.split(separator: " ") == ["loss", "2.5", "3", "2.5", "3", "3.5", "1", "█▅▁"])
    #expect(!answer.output.contains("update_norm"))
    #expect(try runs("show", "1", "--modules").output.contains("update_norm/h.0"))
    let metrics = try runs("show", "2", "--json").json()["metrics"]?.object
    #expect(metrics?["loss"]?.object?["last"] == .null)
    #expect(metrics?["loss"]?.object?["least_step"]?.integer == 1)
  }

  @Test func `compares runs`() throws {
    let answer = try runs("compare", "1", "2", "--json").json()
    #expect(answer["differences"]?.object?.keys == ["outcome", "rank"])
    #expect(answer["differences"]?.object?["rank"] == ["8", "16"])
    #expect(answer["metrics"]?.object?["loss"] == [2.5, nil])
    let text = try runs("compare", "1", "2").output
    let rank = text.split(separator: "\n").first { $0.contains("rank") }
    #expect(rank?.split(separator: " ") == ["rank", "8", "16"], "\(text)")
    #expect(try runs("compare", "1").status == 2)
  }

  @Test func `compares names and what was set, not hashes and the last rate`() throws {
    let file = folder.appending(path: "named.sqlite")
    let store = try RunStore(at: file)
    for (base, hash) in [("models/a", "aa"), ("models/b", "bb"), ("models/b", "cc")] {
      let run = try store.begin(
        RunFacts(
          adapter: "/x", task: "causal", base: base, baseFingerprint: "lowrank1:\(hash)",
          data: "data/names", dataHash: "cd34",
          configuration: """
            {"base":"lowrank1:\(hash)","data":"cd34","learning_rate":0.\(base.count)\(hash == "aa" ? 1 : 2)}
            """,
          versions: "{}", steps: 4))
      try store.record(["loss": 1, "learning_rate": 1e-9], step: 4, of: run)
      try store.end(run, .finished)
    }
    func table(_ ids: String...) throws -> [String: [String]] {
      let text = try Lowrank(["runs", "compare"] + ids + ["--store", file.path]).output
      let lines = text.split(separator: "\n").dropFirst().map {
        $0.split(separator: " ").map(String.init)
      }
      #expect(Set(lines.map { $0[0] }).count == lines.count, "\(text)")
      return Dictionary(uniqueKeysWithValues: lines.map { ($0[0], Array($0.dropFirst())) })
    }
    #expect(
      try table("1", "2") == [
        "base": ["models/a", "models/b"], "learning_rate": ["0.81", "0.82"], "loss": ["1", "1"],
      ])
    // The same name for another model: only its hash tells.
    #expect(
      try table("2", "3") == [
        "base_fingerprint": ["lowrank1:bb", "lowrank1:cc"], "loss": ["1", "1"],
      ])
    let json = try Lowrank("runs", "compare", "1", "2", "--json", "--store", file.path).json()
    let differences = try #require(json["differences"]?.object)
    #expect(differences.keys == ["base", "base_fingerprint", "learning_rate"])
    #expect(differences["base"] == ["models/a", "models/b"])
    #expect(json["metrics"]?.object?["learning_rate"] == [1e-9, 1e-9])
  }

  @Test func `are not written to a file that is no store`() throws {
    let workshop = try Workshop()
    let file = folder.appending(path: "notes.txt")
    let notes = Data("notes of mine, which are no database of runs\n".utf8)
    try notes.write(to: file)
    let refused = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--store", file.path))
    #expect(refused.status == 1)
    #expect(refused.errors.contains("error: \(file.path) is no run store"), "\(refused.errors)")
    #expect(try Data(contentsOf: file) == notes)
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
    let inFolder = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--store", folder.path))
    #expect(inFolder.status == 1 && inFolder.errors.contains("is a folder"), "\(inFolder.errors)")
    // An empty file may have been made for it.
    let empty = folder.appending(path: "empty.sqlite")
    try Data().write(to: empty)
    let run = try Lowrank(workshop.training(into: "a", "--iters", "1", "--store", empty.path))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("note: \(empty.path) is empty and becomes a run store"))
    #expect(try RunStore(reading: empty).runs().count == 1)
    let again = try Lowrank(
      workshop.training(into: "b", "--iters", "1", "--store", empty.path))
    #expect(again.status == 0 && !again.errors.contains("becomes a run store"))
  }

  @Test func `exports CSV`() throws {
    let answer = try runs("export", "1", "--wide", "--metrics", "loss")
    #expect(answer.output == "step,loss\r\n1,3.5\r\n2,3.0\r\n3,2.5\r\n")
    let file = folder.appending(path: "run.csv")
    let written = try runs("export", "2", "--output", file.path)
    #expect(written.status == 0)
    #expect(written.errors == "run 2: 7 values of 4 metrics in \(file.path)\n")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.hasPrefix("step,name,value\r\n1,loss,3.0\r\n1,tokens_per_second,812.3\r\n"))
    #expect(text.contains("\r\n2,loss,nan\r\n"))
    #expect(try runs("export", "2", "--output", file.path).status == 1)
    #expect(try runs("export", "1", "--metrics", "los").errors.contains("it has loss, "))
    #expect(try runs("export", "1", "2").status == 2)
  }

  @Test func `exports event files, a folder for each run`() throws {
    let logs = folder.appending(path: "logs/all")
    #expect(try runs("export", "1", "2", "--tensorboard", logs.path).status == 0)
    for run in ["run-1", "run-2"] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: logs.appending(path: run).path)
      #expect(files.count == 1 && files[0].hasPrefix("events.out.tfevents."))
    }
    #expect(try runs("export", "1", "--tensorboard", logs.path).status == 1)
    #expect(try runs("export", "1", "--tensorboard", logs.path, "--overwrite").status == 0)
  }

  @Test func `removes runs, all or none`() throws {
    #expect(try runs("remove", "1", "7").status == 1)
    #expect(try RunStore(reading: store).runs().count == 2)
    #expect(try runs("remove", "1", "--json").output == "{\"removed\":[1]}\n")
    #expect(try RunStore(reading: store).runs().map(\.id) == [2])
    let removed = try runs("remove", "2")
    #expect(removed.output.isEmpty)
    #expect(removed.errors == "run 2 removed from \(store.path); adapters are not touched\n")
    let going = try RunStore(at: store).begin(
      RunFacts(adapter: "/a", task: "causal", base: "b", data: "d", dataHash: "h", steps: 1))
    #expect(try runs("remove", "\(going)").errors.contains("--force"))
    #expect(try runs("remove", "\(going)", "--force").status == 0)
  }

  @Test(arguments: [["show", "9"], ["compare", "1", "9"], ["export", "9"], ["remove", "9"]])
  func `names a run that is not there`(arguments: [String]) throws {
    let answer = try Lowrank(["runs"] + arguments + ["--store", store.path])
    #expect(answer.status == 1 && answer.output.isEmpty)
    #expect(
      answer.errors
        == "error: the run store \(store.path) holds no run 9: `lowrank runs` lists those it holds\n"
    )
  }

  @Test(arguments: ["show", "compare", "export", "remove"])
  func `names an unknown flag before a missing number`(verb: String) throws {
    let unknown = try runs(verb, "--bogus")
    #expect(unknown.status == 2 && unknown.errors.contains("--bogus"))
    let missing = try runs(verb)
    #expect(missing.status == 2 && missing.errors.hasPrefix("error: give "))
  }

  @Test func `reads the store that the environment names`() throws {
    let answer = try Lowrank(["runs", "--json"], shell: "export LOWRANK_RUNS=\(store.path)")
    #expect(try answer.json()["runs"]?.array?.count == 2)
  }
}
