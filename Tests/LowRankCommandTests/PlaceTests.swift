import Foundation
import LowRank
import Testing

/// Output folders that keep their place: the current folder, mounted volumes.
@Suite struct `An output folder that keeps its place` {
  private func factors(_ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: "adapter_model.safetensors"))
  }

  private func hidden(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(".") }
  }

  @Test func `may be the current one, in which a run is stopped and resumed`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "3000", "--dropout", "0.1", "--save-every", "500"]
    #expect(try Lowrank(workshop.training(into: "whole") + flags).status == 0)
    let place = workshop.place("part")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    var training = workshop.training(into: "part") + flags
    training[try #require(training.firstIndex(of: place.path))] = "."
    let running = try Lowrank.Running(training, in: place)
    while running.process.isRunning, StateHistory(inAdapter: place).steps.isEmpty { usleep(5_000) }
    kill(running.process.processIdentifier, SIGTERM)
    let stopped = try running.finish()
    #expect(stopped.status == 130, "\(stopped.errors)")
    // What others put there stays.
    try Data("mine".utf8).write(to: place.appending(path: "log.txt"))
    let resumed = try Lowrank(training + ["--resume"], in: place)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try factors(place) == factors(workshop.place("whole")))
    #expect(StateHistory(inAdapter: place).steps == [3000, 2500])
    #expect(FileManager.default.fileExists(atPath: place.appending(path: "log.txt").path))
    #expect(try hidden(in: place).isEmpty)
    let other = try Lowrank(training + ["--overwrite"], in: place)
    #expect(other.status == 1 && other.errors.contains("contains the current folder"))
  }

  @Test func `has a whole state whenever a run in it is killed, and ends the same`() throws {
    let workshop = try Workshop()
    let flags = [
      "--iters", "60", "--dropout", "0.1", "--target", "all-linear", "--save-every", "1",
      "--eval-every", "7", "--metric", "loss", "--save-total-limit", "2",
    ]
    #expect(try Lowrank(workshop.training(into: "whole") + flags).status == 0)
    let place = workshop.place("part")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    var training = workshop.training(into: "part") + flags + ["--resume"]
    training[try #require(training.firstIndex(of: place.path))] = "."
    var (kills, furthest) = (0, 0)
    while kills < 8 {
      let running = try Lowrank.Running(training, in: place)
      usleep(UInt32.random(in: 20_000...200_000))
      kill(running.process.processIdentifier, SIGKILL)
      let answer = try running.finish()
      if answer.status == 0 {
        #expect(try factors(place) == factors(workshop.place("whole")))
        for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
          try FileManager.default.removeItem(at: place.appending(path: name))
        }
        furthest = 0
        continue
      }
      kills += 1
      guard
        let state = try StateHistory(inAdapter: place).newest({ Issue.record("\($0)") })
      else {
        #expect(furthest == 0)
        continue
      }
      _ = try AdapterFolder(at: place)
      #expect(state.number >= furthest)
      furthest = state.number
    }
    let last = try Lowrank(training, in: place)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try factors(place) == factors(workshop.place("whole")))
    #expect(try hidden(in: place).isEmpty, "what a killed run began is cleared up")
  }

  /// As where a run is killed between its last save and the removal of what it wrote it from.
  @Test func `is cleared of what a killed run began, though nothing is left to do`() throws {
    let workshop = try Workshop()
    let place = workshop.place("a")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    var training = workshop.training(into: "a", "--iters", "1", "--resume")
    training[try #require(training.firstIndex(of: place.path))] = "."
    #expect(try Lowrank(training, in: place).status == 0)
    // No process has this number.
    try FileManager.default.createDirectory(
      at: place.appending(path: ".lowrank-99999999-0-1"), withIntermediateDirectories: true)
    let again = try Lowrank(training, in: place)
    #expect(again.status == 0 && again.errors.contains("nothing to do"), "\(again.errors)")
    #expect(try hidden(in: place).isEmpty)
  }

  @Test func `gets the run's result elsewhere where it fails in the end`() throws {
    let workshop = try Workshop()
    let place = workshop.place("a")
    let temporary = workshop.place("temporary")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    let running = try Lowrank.Running(
      workshop.training(into: "a", "--iters", "1000000"),
      environment: ["TMPDIR": temporary.path])
    while running.process.isRunning, !(try running.errors().contains("step ")) { usleep(5_000) }
    // Somebody has put a file where the folder was to be.
    try Data().write(to: place)
    running.process.interrupt()
    let answer = try running.finish()
    #expect(answer.status == 1 && answer.errors.contains("is a file"), "\(answer.errors)")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        .first { $0.hasPrefix("lowrank-rescued-") })
    #expect(answer.errors.contains(temporary.appending(path: name).path))
    let rescued = temporary.appending(path: name)
    _ = try AdapterFolder(at: rescued)
    let state = try #require(try StateHistory(inAdapter: rescued).newest())
    #expect(state.number > 0)
  }

  @Test func `may have no place for temporary files`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "2"), environment: ["TMPDIR": "/dev/null"])
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("is not locked"))
  }
}

/// Volumes as containers have them.
///
/// What is mounted is seen by the child process alone.
@Suite(.enabled(if: Mounting.isPermitted, "mounting is not permitted here: unshare -rm"))
struct `A mounted output folder` {
  /// Runs the program with folders mounted on the places, which it then keeps.
  private func run(_ arguments: [String], mounting places: [String: String]) throws -> Lowrank {
    let mounts = places.sorted { $0.key < $1.key }.map { "mount --bind '\($1)' '\($0)' && " }
    let script = mounts.joined() + "exec \"$@\""
    return try Lowrank(arguments, launcher: ["unshare", "-rm", "sh", "-c", script, "sh"])
  }

  /// A volume, and the place that it is mounted on.
  private func volume(_ name: String, _ workshop: Workshop) throws -> (volume: URL, place: URL) {
    let volume = workshop.place("volumes/\(name)")
    let place = workshop.place(name)
    for folder in [volume.appending(path: "lost+found"), place] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    return (volume, place)
  }

  /// Runs a verb into a volume, again without and with `--overwrite`, and returns the names that are there.
  @discardableResult
  private func check(
    _ arguments: [String], into name: String, _ workshop: Workshop
  ) throws -> URL {
    let (volume, place) = try volume(name, workshop)
    let mounts = [place.path: volume.path]
    let answer = try run(arguments, mounting: mounts)
    #expect(answer.status == 0, "\(arguments.first ?? ""): \(answer.errors)")
    let again = try run(arguments, mounting: mounts)
    #expect(again.status != 0 && again.errors.contains("--overwrite"), "\(again.errors)")
    let other = try run(arguments + ["--overwrite"], mounting: mounts)
    #expect(other.status == 0, "\(arguments.first ?? ""): \(other.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: volume.path)
    #expect(names.contains("manifest.json") && names.contains("lost+found"))
    #expect(!names.contains { $0.hasPrefix(".") }, "\(names)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    return volume
  }

  @Test func `takes what training and every other verb write`() throws {
    let workshop = try Workshop()
    let adapter = try check(
      workshop.training(into: "a", "--iters", "20", "--save-every", "5"), into: "a", workshop)
    let state = try #require(try StateHistory(inAdapter: adapter).newest())
    #expect(state.number == 20 && state.isFinished)
    #expect(StateHistory(inAdapter: adapter).steps == [20, 15])
    let model = workshop.model.path
    let merged = try check(
      ["merge", "--model", model, "--adapter", adapter.path, "--output", workshop.place("m").path],
      into: "m", workshop)
    _ = try ModelFolder(at: merged)
    let verbs: [(String, [String])] = [
      ("c", ["compress", adapter.path, "--output", workshop.place("c").path]),
      ("x", ["convert", adapter.path, "--to", "mlx", "--output", workshop.place("x").path]),
      ("s", ["combine", adapter.path, adapter.path, "--output", workshop.place("s").path]),
      ("d", ["diff", "--canonical", adapter.path, "--output", workshop.place("d").path]),
      (
        "e",
        [
          "extract", "--base", model, "--tuned", merged.path, "--output",
          workshop.place("e").path, "--rank", "2",
        ]
      ),
      (
        "p",
        [
          "pretrain", "--model", model, "--data", workshop.data.path, "--iters", "2", "--output",
          workshop.place("p").path,
        ]
      ),
    ]
    for (name, arguments) in verbs {
      let written = try check(arguments, into: name, workshop)
      if name == "p" {
        _ = try ModelFolder(at: written)
      } else {
        _ = try StoredAdapter(at: written)
      }
    }
  }

  @Test func `is kept by a run that is resumed`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "30", "--save-every", "10", "--dropout", "0.1"]
    #expect(try Lowrank(workshop.training(into: "whole") + flags).status == 0)
    let (volume, place) = try volume("a", workshop)
    let mounts = [place.path: volume.path]
    let first = try run(workshop.training(into: "a") + flags, mounting: mounts)
    #expect(first.status == 0, "\(first.errors)")
    // The last state is lost: it is made again from the one before.
    try FileManager.default.removeItem(at: StateHistory(inAdapter: volume).place(of: 30))
    let resumed = try run(workshop.training(into: "a") + flags + ["--resume"], mounting: mounts)
    #expect(resumed.status == 0 && resumed.errors.contains("resuming"), "\(resumed.errors)")
    let weights = "adapter_model.safetensors"
    #expect(
      try Data(contentsOf: volume.appending(path: weights))
        == Data(contentsOf: workshop.place("whole").appending(path: weights)))
  }

  @Test func `that is read only is refused before the first step, by a dry run too`() throws {
    let workshop = try Workshop()
    let (volume, place) = try volume("a", workshop)
    for flags in [[], ["--dry-run"]] {
      let arguments = workshop.training(into: "a", "--iters", "1000000") + flags
      let script =
        "mount --bind '\(volume.path)' '\(place.path)' && mount -o remount,bind,ro '\(place.path)' && exec \"$@\""
      let answer = try Lowrank(arguments, launcher: ["unshare", "-rm", "sh", "-c", script, "sh"])
      #expect(answer.status == 1, "\(answer.errors)")
      #expect(
        answer.errors.contains("cannot write \(place.path): Read-only file system"),
        "\(answer.errors)")
    }
  }

  @Test func `with too little room is refused before the first step, by a dry run too`() throws {
    let workshop = try Workshop()
    let (_, place) = try volume("a", workshop)
    for flags in [[], ["--dry-run"]] {
      let arguments =
        workshop.training(into: "a", "--iters", "1000000", "--rank", "16", "--target", "all-linear")
        + flags
      let script = "mount -t tmpfs -o size=16k tmpfs '\(place.path)' && exec \"$@\""
      let answer = try Lowrank(arguments, launcher: ["unshare", "-rm", "sh", "-c", script, "sh"])
      #expect(answer.status == 1 && answer.errors.contains("make room"), "\(answer.errors)")
    }
  }

  @Test func `takes a report and its figures`() throws {
    let workshop = try Workshop()
    #expect(try Lowrank(workshop.training(into: "a", "--iters", "2")).status == 0)
    let (volume, place) = try volume("figures", workshop)
    let page = workshop.place("page.html")
    let real = workshop.place("volumes/page.html")
    for file in [page, real] { try Data("old".utf8).write(to: file) }
    let answer = try run(
      [
        "analyze", workshop.place("a").path, "--report", page.path, "--png", place.path,
        "--overwrite",
      ], mounting: [place.path: volume.path, page.path: real.path])
    #expect(answer.status == 0, "\(answer.errors)")
    let text = try String(contentsOf: real, encoding: .utf8)
    #expect(text.hasPrefix("<!") && text.contains("</html>"))
    #expect(
      FileManager.default.fileExists(atPath: volume.appending(path: "figures.json").path))
    #expect(try String(contentsOf: page, encoding: .utf8) == "old")
  }
}

private enum Mounting {
  /// Whether a child process may mount folders that it alone sees.
  static let isPermitted: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}
