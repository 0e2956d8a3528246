import Foundation
import GRDB

extension RunStore {
  /// Notes that a run of this process begins, and returns its number.
  ///
  /// - Throws: `RunStoreError`.
  public func begin(_ facts: RunFacts) throws(RunStoreError) -> Int64 {
    try begin(facts, by: ProcessIdentity(Int(ProcessInfo.processInfo.processIdentifier)))
  }

  package func begin(_ facts: RunFacts, by process: ProcessIdentity?) throws(RunStoreError) -> Int64
  {
    try checked {
      try queue.write { database in
        try database.execute(
          sql: """
            INSERT INTO run (
              adapter, task, base, base_fingerprint, data, data_hash, configuration, versions, steps, first_step,
              continues, started, outcome, last_step, host, boot, space, process, process_start)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM run WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            facts.adapter, facts.task, facts.base, facts.baseFingerprint, facts.data,
            facts.dataHash,
            facts.configuration, facts.versions, facts.steps, facts.firstStep, facts.continues,
            Date.now.timeIntervalSince1970, RunOutcome.running.rawValue, facts.firstStep,
            process?.host, process?.boot, process?.space, process?.number, process?.start,
          ])
        return database.lastInsertedRowID
      }
    }
  }

  /// Keeps the values of a step, all or none.
  ///
  /// NaN and infinities are kept as such.
  ///
  /// - Throws: `RunStoreError`, also where the run was removed.
  public func record(
    _ values: [String: Double], step: Int, of run: Int64
  ) throws(RunStoreError) { try record([(step, values)], of: run) }

  /// Keeps the values of several steps, all or none, which costs the disk no more than those of one.
  ///
  /// - Throws: `RunStoreError`, also where the run was removed.
  public func record(
    _ steps: [(step: Int, values: [String: Double])], of run: Int64
  ) throws(RunStoreError) {
    let steps = steps.filter { !$0.values.isEmpty }
    guard let last = steps.map(\.step).max() else { return }
    let count = steps.reduce(0) { $0 + $1.values.count }
    let now = Date.now.timeIntervalSince1970
    try checked {
      try queue.write { database in
        let counting = try database.cachedStatement(
          sql: """
            UPDATE run SET points = points + ?, last_step = max(last_step, ?) WHERE id = ?
            RETURNING points
            """)
        guard let end = try Int64.fetchOne(counting, arguments: [count, last, run]) else {
          throw RunStoreError(url.path, .noRun(run))
        }
        let insertion = try database.cachedStatement(
          sql: "INSERT INTO point (run, row, series, step, value, time) VALUES (?, ?, ?, ?, ?, ?)")
        var row = end - Int64(count)
        for (step, values) in steps {
          for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            row += 1
            // SQLite has no NaN: it would become NULL in any case.
            try insertion.execute(arguments: [
              run, row, Self.series(name, of: run, in: database), step,
              value.isNaN ? nil : value, now,
            ])
          }
        }
      }
    }
  }

  /// The number of a metric of a run, which is made where it is new.
  private static func series(_ name: String, of run: Int64, in database: Database) throws -> Int64 {
    let search = try database.cachedStatement(
      sql: "SELECT id FROM series WHERE run = ? AND name = ?")
    if let id = try Int64.fetchOne(search, arguments: [run, name]) { return id }
    try database.execute(
      sql: "INSERT INTO series (run, name) VALUES (?, ?)", arguments: [run, name])
    return database.lastInsertedRowID
  }

  /// Notes how a run ended.
  ///
  /// - Throws: `RunStoreError`, also where the run was removed.
  public func end(
    _ run: Int64, _ outcome: RunOutcome, message: String? = nil
  ) throws(RunStoreError) {
    precondition(
      outcome != .running && outcome != .lost, "a run cannot end as \(outcome.rawValue)")
    try checked {
      try queue.write { database in
        try database.execute(
          sql: "UPDATE run SET ended = ?, outcome = ?, message = ? WHERE id = ?",
          arguments: [Date.now.timeIntervalSince1970, outcome.rawValue, message, run])
        guard database.changesCount == 1 else { throw RunStoreError(url.path, .noRun(run)) }
      }
    }
  }

  /// Forgets a run and all it measured; runs that resumed it stay.
  ///
  /// - Throws: `RunStoreError`, also where there is no such run.
  public func remove(_ run: Int64) throws(RunStoreError) {
    try checked {
      try queue.write { database in
        try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
        guard database.changesCount == 1 else { throw RunStoreError(url.path, .noRun(run)) }
      }
    }
  }
}
