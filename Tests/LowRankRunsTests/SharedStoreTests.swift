import Foundation
import LowRankRuns
import Testing

/// Several writers, readers beside them, and writers that are gone.
@Suite struct `A shared run store` {
  private let folder = TemporaryFolder()

  @Test func `is opened, written and read at once`() async throws {
    let url = folder.store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let store = try RunStore(at: url)
          let run = try store.begin(.example(steps: 50))
          for step in 1...50 {
            try store.record(["loss": Double(step), "learning_rate": 1], step: step, of: run)
          }
          try store.end(run, .finished)
        }
      }
      try await group.waitForAll()
    }
    let store = try RunStore(reading: url)
    let runs = try store.runs()
    #expect(runs.map(\.id) == [4, 3, 2, 1])
    for run in runs {
      #expect(run.outcome == .finished && run.lastStep == 50)
      let points = try store.points(of: run.id, names: ["loss"])
      #expect(points.map(\.value) == (1...50).map(Double.init))
    }
  }

  @Test func `shows a reader what came since it opened`() throws {
    let writer = try RunStore(at: folder.store)
    let reader = try RunStore(reading: folder.store)
    let run = try writer.begin(.example())
    try writer.record(["loss": 1], step: 1, of: run)
    let seen = try #require(try reader.points(of: run).last)
    try writer.record(["loss": 2], step: 2, of: run)
    #expect(try reader.points(of: run, after: seen.row).map(\.value) == [2])
  }

  @Test func `calls a run lost whose process is gone`() throws {
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(filePath: "/bin/cat")
    process.standardInput = input
    try process.run()
    let identity = try #require(ProcessIdentity(Int(process.processIdentifier)))
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example(), by: identity)
    let ended = try store.begin(.example(), by: identity)
    try store.end(ended, .failed)
    #expect(try store.run(run)?.outcome == .running)
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(try store.run(run)?.outcome == .lost)
    #expect(try store.run(ended)?.outcome == .failed)
  }

  @Test func `is not deceived by a number that was given again`() throws {
    let own = try #require(ProcessIdentity(Int(ProcessInfo.processInfo.processIdentifier)))
    #expect(!own.isGone)
    #expect(own.with(start: own.start - 1).isGone)
    #expect(own.with(boot: "before").isGone)
    #expect(!own.with(start: own.start - 1, space: "pid:[1]").isGone)
    #expect(!own.with(start: own.start - 1, host: "elsewhere").isGone)
  }
}

extension ProcessIdentity {
  fileprivate func with(
    start: Int? = nil, boot: String? = nil, space: String? = nil, host: String? = nil
  ) -> Self {
    ProcessIdentity(
      host: host ?? self.host, boot: boot ?? self.boot, space: space ?? self.space, number: number,
      start: start ?? self.start)
  }
}
