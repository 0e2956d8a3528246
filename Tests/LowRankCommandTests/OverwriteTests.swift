import Foundation
import LowRank
import Testing

/// Output folders that hold something: what is replaced, what stays, and what is said.
@Suite struct `A folder that is written again` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func train(_ name: String, _ more: String...) throws -> Lowrank {
    try Lowrank(workshop.training(into: name, "--iters", "2") + more)
  }

  private func addNotes(to name: String) throws {
    let folder = workshop.place(name)
    try FileManager.default.createDirectory(
      at: folder.appending(path: "logs"), withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: folder.appending(path: "notes.txt"))
    try Data("log".utf8).write(to: folder.appending(path: "logs/run.log"))
  }

  private func holdsNotes(_ name: String) -> Bool {
    let folder = workshop.place(name)
    return (try? String(contentsOf: folder.appending(path: "notes.txt"), encoding: .utf8)) == "mine"
      && (try? String(contentsOf: folder.appending(path: "logs/run.log"), encoding: .utf8)) == "log"
  }

  @Test func `keeps other files in every verb, says how many, and is refused but once`() throws {
    #expect(try train("a").status == 0)
    let (a, model) = (workshop.place("a").path, workshop.model.path)
    let merged = workshop.place("merged").path
    let verbs = [
      ["merge", "--model", model, "--adapter", a, "--output", merged],
      workshop.training(into: "out", "--iters", "2"),
      ["compress", a, "--keep", "0.5", "--output", workshop.place("out").path],
      ["combine", a, "--output", workshop.place("out").path],
      ["diff", a, "--canonical", "--output", workshop.place("out").path],
      ["convert", a, "--to", "mlx", "--output", workshop.place("out").path],
      [
        "extract", "--base", model, "--tuned", merged, "--rank", "1", "--output",
        workshop.place("out").path,
      ],
      [
        "analyze", a, "--model", model, "--mitigate", "0.5", "--output", workshop.place("out").path,
      ],
    ]
    for flags in verbs {
      let name = flags[0] == "merge" ? "merged" : "out"
      try addNotes(to: name)
      let refused = try Lowrank(flags)
      #expect(refused.status == 1 && refused.errors.contains("--overwrite"), "\(refused.errors)")
      let written = try Lowrank(flags + ["--overwrite"])
      #expect(written.status == 0, "\(flags[0]): \(written.errors)")
      #expect(written.errors.contains("note: 2 other files stay in "), "\(written.errors)")
      #expect(holdsNotes(name), "\(flags[0])")
    }
    // The last of those verbs left none of the run's states.
    let content = try FileManager.default.contentsOfDirectory(atPath: workshop.place("out").path)
    #expect(!content.contains("state") && !content.contains("adapters.safetensors"), "\(content)")
  }

  @Test func `keeps files that others add while a run saves and resumes`() throws {
    #expect(try train("a", "--save-every", "1").status == 0)
    try addNotes(to: "a")
    let more = workshop.training(into: "a", "--iters", "4", "--save-every", "1", "--overwrite")
    #expect(try Lowrank(more).status == 0)
    #expect(holdsNotes("a"))
    #expect(StateHistory(inAdapter: workshop.place("a")).steps == [4, 3])
  }

  @Test func `holds a run, which the refusal describes`() throws {
    #expect(try train("a").status == 0)
    let finished = try train("a")
    #expect(finished.status == 1)
    #expect(
      finished.errors.contains(
        "a holds a finished run of 2 steps: --overwrite replaces it, another --adapter-path keeps it"
      ), "\(finished.errors)")
    let long = workshop.training(into: "b", "--iters", "200000", "--save-every", "1")
    let running = try Lowrank.Running(long)
    let history = StateHistory(inAdapter: workshop.place("b"))
    while running.process.isRunning, history.steps.isEmpty { usleep(5_000) }
    kill(running.process.processIdentifier, SIGTERM)
    #expect(try running.finish().status == 130)
    let stopped = try Lowrank(long)
    let step = try #require(history.steps.first)
    #expect(
      stopped.errors.contains(
        "b holds a run stopped at step \(step) of 200000: --resume continues it, --overwrite discards it"
      ), "\(stopped.errors)")
  }

  @Test func `is only named by a dry run`() throws {
    #expect(try train("a").status == 0)
    let dry = try train("a", "--dry-run")
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(dry.errors.contains("note: without --dry-run this stops: "), "\(dry.errors)")
    #expect(dry.errors.contains("holds a finished run of 2 steps"))
    #expect(try dry.json()["steps"]?.integer == 2)
    try addNotes(to: "b")
    let beside = try train("b", "--dry-run")
    #expect(beside.status == 0 && beside.errors.contains("holds other files (logs, notes.txt)"))
  }

  @Test func `of another kind is refused at once, with or without the flag`() throws {
    #expect(try train("a").status == 0)
    let merge = [
      "merge", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--output",
    ]
    #expect(try Lowrank(merge + [workshop.place("merged").path]).status == 0)
    try FileManager.default.copyItem(at: workshop.place("a"), to: workshop.place("b"))
    for more in [[], ["--overwrite"]] {
      let model = try Lowrank(workshop.training(into: "merged", "--iters", "2") + more)
      #expect(model.status == 2 && model.errors.contains("merged holds a model, not an adapter"))
      let adapter = try Lowrank(merge + [workshop.place("b").path] + more)
      #expect(adapter.status == 2 && adapter.errors.contains("b holds an adapter, not a model"))
    }
  }

  @Test func `may be resumed into beside the files of others`() throws {
    try addNotes(to: "a")
    let resumed = try train("a", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(holdsNotes("a"))
    #expect(FileManager.default.fileExists(atPath: workshop.place("a/adapter_config.json").path))
  }
}
