import Foundation
import GRDB
import LowRankRuns
import Testing

/// Files of earlier versions.
@Suite struct `An older run store` {
  private let folder = TemporaryFolder()

  /// A file that has only the first of the schema's steps, with a run in it.
  private func makeOlder() throws {
    let queue = try DatabaseQueue(path: folder.store.path)
    let migrator = RunSchema.migrator
    try migrator.migrate(queue, upTo: #require(migrator.migrations.first))
    try queue.write {
      try $0.execute(
        sql: """
          PRAGMA application_id = \(RunSchema.applicationID);
          INSERT INTO run (adapter, task, base, data, data_hash, configuration, versions, steps, first_step, started,
            outcome, last_step)
          VALUES ('/a', 'causal', 'b', 'd', 'h', '{}', '{}', 5, 0, 1.5, 'running', 0);
          """)
    }
  }

  @Test func `is brought up to date with its runs`() throws {
    try makeOlder()
    let store = try RunStore(at: folder.store)
    let run = try #require(try store.runs().first)
    #expect(run.facts.steps == 5 && run.started.timeIntervalSince1970 == 1.5)
    // Nobody wrote down its process, so nobody knows that it is gone.
    #expect(run.outcome == .running)
    try store.record(["loss": 1], step: 1, of: run.id)
    #expect(try RunStore(reading: folder.store).points(of: run.id).count == 1)
  }

  @Test func `is named to who only reads`() throws {
    try makeOlder()
    let error = #expect(throws: RunStoreError.self) { try RunStore(reading: folder.store) }
    #expect(error?.problem == .older)
  }

  @Test func `may be an empty file`() throws {
    try Data().write(to: folder.store)
    #expect(try RunStore(at: folder.store).runs().isEmpty)
  }

  /// The committed store is what other programs and later versions are tried with.
  @Test func `has the tables that are written down`() throws {
    let text = try String(
      contentsOf: #require(
        Bundle.module.url(forResource: "Fixtures/store", withExtension: "sql")), encoding: .utf8)
    try DatabaseQueue(path: folder.store.path).write { try $0.execute(sql: text) }
    let written = try schema(of: folder.store)
    let made = folder.url.appending(path: "made.sqlite")
    _ = try RunStore(at: made)
    #expect(try written == schema(of: made))
    let store = try RunStore(reading: folder.store)
    #expect(try store.runs().map(\.outcome) == [.failed, .finished])
    #expect(try store.points(of: 1).count == 5)
  }

  private func schema(of url: URL) throws -> [String] {
    try DatabaseQueue(path: url.path).read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT sql FROM sqlite_master WHERE sql IS NOT NULL
          UNION ALL SELECT identifier FROM grdb_migrations ORDER BY 1
          """)
    }
  }
}
