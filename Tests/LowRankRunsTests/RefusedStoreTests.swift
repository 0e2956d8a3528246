import Foundation
import GRDB
import LowRankRuns
import Testing

/// Stores that cannot be used, and what is said of them.
@Suite struct `A run store that cannot be used` {
  private let folder = TemporaryFolder()

  private func problem(reading: Bool = false) -> RunStoreError.Problem? {
    let error = #expect(throws: RunStoreError.self) {
      if reading {
        _ = try RunStore(reading: folder.store)
      } else {
        _ = try RunStore(at: folder.store)
      }
    }
    #expect(error?.description.contains(folder.store.path) == true)
    return error?.problem
  }

  @Test func `is missing`() {
    #expect(problem(reading: true) == .missing)
    #expect(!FileManager.default.fileExists(atPath: folder.store.path))
  }

  @Test(arguments: [true, false])
  func `is no SQLite file`(reading: Bool) throws {
    let text = Data(
      "not a database, but long enough for the first hundred bytes to be looked at, surely enough for it"
        .utf8)
    try text.write(to: folder.store)
    #expect(problem(reading: reading) == .noDatabase)
    #expect(try Data(contentsOf: folder.store) == text)
  }

  @Test func `is damaged`() throws {
    do {
      let store = try RunStore(at: folder.store)
      let run = try store.begin(.example())
      for step in 1...200 { try store.record(["loss": 1], step: step, of: run) }
    }
    let handle = try FileHandle(forUpdating: folder.store)
    let length = try handle.seekToEnd()
    try handle.seek(toOffset: 4096)
    try handle.write(contentsOf: Data(repeating: 0xAA, count: Int(length) - 4096))
    try handle.close()
    let error = #expect(throws: RunStoreError.self) {
      let store = try RunStore(at: folder.store)
      _ = try store.points(of: store.begin(.example()))
    }
    #expect(error?.problem == .damaged)
  }

  @Test(arguments: [true, false])
  func `is another program's`(reading: Bool) throws {
    try DatabaseQueue(path: folder.store.path).write {
      try $0.execute(sql: "CREATE TABLE songs (title TEXT)")
    }
    let before = try Data(contentsOf: folder.store)
    #expect(problem(reading: reading) == .foreign)
    #expect(try Data(contentsOf: folder.store) == before)
  }

  @Test(arguments: [true, false])
  func `is of a newer version`(reading: Bool) throws {
    _ = try RunStore(at: folder.store)
    try DatabaseQueue(path: folder.store.path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('telepathy')")
    }
    #expect(problem(reading: reading) == .newer(steps: ["telepathy"]))
  }

  @Test(arguments: [true, false])
  func `is a folder, which is said`(reading: Bool) throws {
    let error = #expect(throws: RunStoreError.self) {
      _ = try reading ? RunStore(reading: folder.url) : RunStore(at: folder.url)
    }
    #expect(error?.problem == .notAFile(kind: "folder"))
    #expect(
      error?.description.hasPrefix(
        "the run store \(folder.url.path) is a folder, expected its file, such as \(folder.store.path)"
      )
        == true)
  }

  @Test(arguments: [true, false])
  func `is a device, which is said`(reading: Bool) {
    let error = #expect(throws: RunStoreError.self) {
      let url = URL(filePath: "/dev/null")
      _ = try reading ? RunStore(reading: url) : RunStore(at: url)
    }
    #expect(error?.problem == .notAFile(kind: "device or pipe"))
  }

  @Test func `has a folder that cannot be made`() {
    let error = #expect(throws: RunStoreError.self) {
      try RunStore(at: URL(filePath: "/proc/lowrank/runs.sqlite"))
    }
    #expect(error?.description.contains("/proc/lowrank/runs.sqlite") == true)
    guard case .folder = error?.problem else {
      Issue.record("\(String(describing: error)) is not about the folder")
      return
    }
  }

  @Test func `is in a folder without permission`() async throws {
    try RunStore(at: folder.store).end(RunStore(at: folder.store).begin(.example()), .finished)
    #expect(chmod(folder.url.path, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = folder.store.path as String] in
      if geteuid() == 0 { #expect(seteuid(65534) == 0) }  // the administrator may do everything
      let error = #expect(throws: RunStoreError.self) { try RunStore(at: URL(filePath: path)) }
      #expect(error?.problem == .refused)
      let other = URL(filePath: path).deletingLastPathComponent().appending(path: "new.sqlite")
      #expect(throws: RunStoreError.self) { try RunStore(at: other) }
    }
    #expect(chmod(folder.url.path, 0o755) == 0)
  }

  @Test func `is on a full disk`() async throws {
    await #expect(processExitsWith: .success) { [path = folder.store.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let store = try RunStore(at: URL(filePath: path))
      let run = try store.begin(.example())
      var limit = rlimit(rlim_cur: 200_000, rlim_max: 200_000)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      var recorded = 0
      let error = #expect(throws: RunStoreError.self) {
        for step in 1...10_000 {
          try store.record(["loss": 1], step: step, of: run)
          recorded += 1
        }
      }
      #expect(error?.problem == .disk(reason: "disk I/O error"))
      // What was recorded before is kept, and reading goes on.
      #expect(try store.points(of: run).count == recorded)
    }
  }

  @Test func `is kept by another program`() throws {
    let store = try RunStore(at: folder.store, patience: 0.01)
    try DatabaseQueue(path: folder.store.path).inTransaction(.immediate) { _ in
      let error = #expect(throws: RunStoreError.self) { try store.begin(.example()) }
      #expect(error?.problem == .busy)
      return .rollback
    }
  }
}
