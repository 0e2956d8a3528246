import Foundation
import LowRank
import Testing

/// Runs that are ended by SIGKILL, as by a machine that goes down or a system out of memory.
///
/// `LOWRANK_KILLS` says how many times; 50 for a release.
@Suite struct `A run that is killed` {
  private static let kills =
    ProcessInfo.processInfo.environment["LOWRANK_KILLS"].flatMap { Int($0) } ?? 8

  private func factors(_ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: "adapter_model.safetensors"))
  }

  @Test func `at random moments, writes among them, has a whole state each time and ends the same`()
    throws
  {
    let workshop = try Workshop()
    // Every step is followed by a save, so most of the time goes by in writing.
    let flags = [
      "--iters", "60", "--dropout", "0.1", "--target", "all-linear", "--save-every", "1",
      "--eval-every", "7", "--metric", "loss", "--save-total-limit", "2",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let place = workshop.place("part")
    var random = SystemRandomNumberGenerator()
    var (kills, furthest) = (0, 0)
    while kills < Self.kills {
      let running = try Lowrank.Running(workshop.training(into: "part") + flags + ["--resume"])
      // Starting takes about 40 ms; a step with its save a few.
      usleep(UInt32.random(in: 20_000...200_000, using: &random))
      kill(running.process.processIdentifier, SIGKILL)
      let answer = try running.finish()
      if answer.status == 0 {
        // It was through before; the next one begins anew.
        #expect(try factors(place) == factors(workshop.place("whole")))
        try FileManager.default.removeItem(at: place)
        furthest = 0
        continue
      }
      kills += 1
      guard FileManager.default.fileExists(atPath: place.path) else { continue }
      // What lies there is a whole adapter with a whole state, and not an older one than before.
      _ = try AdapterFolder(at: place)
      let state = try #require(
        try StateHistory(inAdapter: place).newest { Issue.record("\($0)") })
      #expect(state.number >= furthest)
      furthest = state.number
    }
    let last = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(last.status == 0, "\(last.errors)")
    #expect(try factors(place) == factors(workshop.place("whole")))
    let left = try FileManager.default.contentsOfDirectory(atPath: workshop.root.path)
    #expect(left.filter { $0.hasPrefix(".") } == [], "what a killed run began is cleared up")
  }
}

/// The run of the names of Turkey on the model of English names, as the acceptance has it.
@Suite(.enabled(if: RealRun.assets != nil, "real models and data are elsewhere: LOWRANK_ASSETS"))
struct `A run on real data` {
  @Test func `is bit for bit the same after a break`() throws {
    let assets = try #require(RealRun.assets)
    let root = FileManager.default.temporaryDirectory.appending(path: "lowrank-real-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    func training(_ name: String, _ more: String...) -> [String] {
      [
        "train", "--model", assets.appending(path: "models/gpt2-names").path, "--data",
        assets.appending(path: "data/names/turkish").path, "--adapter-path",
        root.appending(path: name).path, "--rank", "8", "--batch-size", "32", "--iters", "120",
        "--learning-rate", "5e-3", "--dropout", "0.1", "--json",
      ] + more
    }
    func weights(_ name: String) throws -> Data {
      try Data(contentsOf: root.appending(path: name).appending(path: "adapter_model.safetensors"))
    }
    #expect(try Lowrank(training("whole")).status == 0)
    let running = try Lowrank.Running(training("part", "--save-every", "20"))
    while running.process.isRunning,
      StateHistory(inAdapter: root.appending(path: "part")).steps.first ?? 0 < 40
    { usleep(5_000) }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.finish()
    let resumed = try Lowrank(training("part", "--save-every", "20", "--resume"))
    #expect(resumed.status == 0 && resumed.errors.contains("resuming"), "\(resumed.errors)")
    #expect(try weights("part") == weights("whole"))
  }
}

private enum RealRun {
  /// The folder of real models and data, where there is one.
  static let assets: URL? = {
    let path = ProcessInfo.processInfo.environment["LOWRANK_ASSETS"] ?? "../shared/assets"
    return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
  }()
}
