import Foundation
import GRDB
import LowRankRuns
import Testing

/// Runs that make the store at the same moment.
@Suite struct `A run store that is not there yet` {
  @Test func `is made by many at once, and loses no record`() async throws {
    for round in 0..<25 {
      let folder = TemporaryFolder()
      let url = folder.url.appending(path: "below/runs.sqlite")
      let count = 12
      let problems = await withTaskGroup(of: String?.self) { group in
        for number in 0..<count {
          group.addTask {
            do {
              if number.isMultiple(of: 4) {
                // Readers come in while it is made: it is missing, or older, or whole.
                do { _ = try RunStore(reading: url).runs() } catch let error as RunStoreError {
                  guard [.missing, .older].contains(error.problem) else { throw error }
                }
              }
              let store = try RunStore(at: url)
              let run = try store.begin(.example(steps: 3))
              try store.record(["loss": Double(number)], step: 1, of: run)
              try store.end(run, .finished)
              return nil
            } catch { return "\(error)" }
          }
        }
        return await group.reduce(into: [String]()) { problems, problem in
          if let problem { problems.append(problem) }
        }
      }
      #expect(problems == [], "round \(round)")
      let runs = try RunStore(reading: url).runs()
      #expect(runs.count == count && runs.allSatisfy { $0.outcome == .finished })
    }
  }

  @Test func `is made by several processes at once`() async throws {
    // Each process of its own opens it: locks of one process are known to SQLite without the file.
    for _ in 0..<3 {
      let folder = TemporaryFolder()
      let path = folder.store.path as String
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            await #expect(processExitsWith: .success) { [path = path as String] in
              for _ in 0..<3 {
                let store = try RunStore(at: URL(filePath: path))
                try store.end(store.begin(.example()), .finished)
              }
            }
          }
        }
      }
      #expect(try RunStore(reading: folder.store).runs().count == 12)
    }
  }

  /// Some network file systems have no memory that processes share, which write-ahead mode needs.
  @Test func `is made without shared memory, in SQLite's older mode`() throws {
    let folder = TemporaryFolder()
    try FileManager.default.createDirectory(
      at: URL(filePath: folder.store.path + "-shm"), withIntermediateDirectories: true)
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example())
    try store.record(["loss": 1], step: 1, of: run)
    #expect(try RunStore(reading: folder.store).points(of: run).count == 1)
    let other = try RunStore(at: folder.store)
    try other.end(run, .finished)
    #expect(try store.run(run)?.outcome == .finished)
    #expect(try mode(of: folder.store) == "delete")
  }

  @Test func `is kept in write-ahead mode elsewhere`() throws {
    let folder = TemporaryFolder()
    _ = try RunStore(at: folder.store)
    #expect(try mode(of: folder.store) == "wal")
  }

  private func mode(of url: URL) throws -> String? {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: url.path, configuration: configuration).read {
      try String.fetchOne($0, sql: "PRAGMA journal_mode")
    }
  }
}

/// Stores whose folder may only be read.
@Suite struct `A run store in a read-only folder` {
  @Test func `is read all the same, with what was recorded last`() async throws {
    let folder = TemporaryFolder()
    let path = folder.store.path as String
    await #expect(processExitsWith: .success) { [path = path as String] in
      let url = URL(filePath: path)
      // Whoever may not write the store's folder has one for temporary files.
      let temporary = url.deletingLastPathComponent().path + "/temporary"
      #expect(mkdir(temporary, 0o777) == 0 && chmod(temporary, 0o777) == 0)
      setenv("TMPDIR", temporary, 1)
      let parent = url.deletingLastPathComponent().path
      // The writer is not through: the last transactions are in the file beside the store.
      let writer = try RunStore(at: url)
      let run = try writer.begin(.example())
      try writer.record(["loss": 3], step: 1, of: run)
      let copy = parent + "/read-only"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
      for name in ["runs.sqlite", "runs.sqlite-wal"] {
        try FileManager.default.copyItem(atPath: parent + "/" + name, toPath: copy + "/" + name)
        #expect(chmod(copy + "/" + name, 0o444) == 0)
      }
      #expect(chmod(copy, 0o555) == 0)
      if geteuid() == 0 { #expect(seteuid(65534) == 0) }
      let store = try RunStore(reading: URL(filePath: copy + "/runs.sqlite"))
      #expect(try store.points(of: run).map(\.value) == [3])
      let error = #expect(throws: RunStoreError.self) {
        try RunStore(at: URL(filePath: copy + "/runs.sqlite"))
      }
      #expect(error?.problem == .refused)
    }
    #expect(chmod(folder.url.path + "/read-only", 0o755) == 0)
  }
}
