import Foundation
import GRDB

extension RunStore {
  /// All runs, the newest first.
  ///
  /// - Throws: `RunStoreError`.
  public func runs() throws(RunStoreError) -> [Run] {
    try checked {
      try queue.read {
        try Row.fetchAll($0, sql: "SELECT * FROM run ORDER BY id DESC").map(Run.init)
      }
    }
  }

  /// The run of a number, nil where there is none.
  ///
  /// - Throws: `RunStoreError`.
  public func run(_ id: Int64) throws(RunStoreError) -> Run? {
    try checked {
      try queue.read {
        try Row.fetchOne($0, sql: "SELECT * FROM run WHERE id = ?", arguments: [id]).map(Run.init)
      }
    }
  }

  /// The names of a run's metrics, sorted; none of a run that does not exist.
  ///
  /// - Throws: `RunStoreError`.
  public func names(of run: Int64) throws(RunStoreError) -> [String] {
    try checked {
      try queue.read {
        try String.fetchAll(
          $0, sql: "SELECT name FROM series WHERE run = ? ORDER BY name", arguments: [run])
      }
    }
  }

  /// What a run measured, in the order of recording; of the named metrics, or of all.
  ///
  /// A reader of a live run asks again `after` the greatest row it has seen.
  ///
  /// - Throws: `RunStoreError`.
  public func points(
    of run: Int64, names: [String]? = nil, after row: Int64 = 0, limit: Int? = nil
  ) throws(RunStoreError) -> [MetricPoint] {
    try checked {
      try queue.read { database in
        let series = try Self.series(of: run, names: names, in: database)
        guard !series.isEmpty else { return [] }
        let chosen = names == nil ? "" : "AND series IN (\(Self.list(series.keys)))"
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT row, step, series, value, time FROM point
            WHERE run = ? AND row > ? \(chosen) ORDER BY row LIMIT ?
            """, arguments: [run, row, limit ?? -1])
        return try Array(rows.compactMap { MetricPoint($0, names: series) })
      }
    }
  }

  /// The last value of each of the named metrics that a run has.
  ///
  /// - Throws: `RunStoreError`.
  public func latest(
    _ names: [String], of run: Int64
  ) throws(RunStoreError) -> [String: MetricPoint] {
    try checked {
      try queue.read { database in
        let series = try Self.series(of: run, names: names, in: database)
        var latest: [String: MetricPoint] = [:]
        for (id, name) in series {
          // From the end of the run backwards: a metric of every step is found at once.
          latest[name] = try Row.fetchOne(
            database,
            sql: """
              SELECT row, step, series, value, time FROM point
              WHERE run = ? AND series = ? ORDER BY row DESC LIMIT 1
              """, arguments: [run, id]
          ).flatMap { MetricPoint($0, names: series) }
        }
        return latest
      }
    }
  }

  /// The numbers of a run's metrics, with their names.
  private static func series(
    of run: Int64, names: [String]?, in database: Database
  ) throws -> [Int64: String] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT id, name FROM series WHERE run = ?", arguments: [run])
    let wanted = names.map(Set.init)
    return Dictionary(
      uniqueKeysWithValues: rows.lazy.map { ($0["id"], $0["name"]) }
        .filter { wanted?.contains($0.1) ?? true })
  }

  private static func list(_ numbers: some Sequence<Int64>) -> String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }
}

extension MetricPoint {
  fileprivate init?(_ row: Row, names: [Int64: String]) {
    guard let name = names[row["series"]] else { return nil }
    self.init(
      row: row["row"], step: row["step"], name: name, value: row["value"] ?? .nan,
      time: Date(timeIntervalSince1970: row["time"]))
  }
}

extension Run {
  fileprivate init(_ row: Row) {
    let outcome = RunOutcome(rawValue: row["outcome"]) ?? .failed
    let ended: Double? = row["ended"]
    self.init(
      id: row["id"], facts: RunFacts(row), started: Date(timeIntervalSince1970: row["started"]),
      ended: ended.map(Date.init(timeIntervalSince1970:)),
      outcome: outcome == .running && ProcessIdentity(row)?.isGone == true ? .lost : outcome,
      message: row["message"], lastStep: row["last_step"])
  }
}

extension RunFacts {
  fileprivate init(_ row: Row) {
    self.init(
      adapter: row["adapter"], task: row["task"], base: row["base"],
      baseFingerprint: row["base_fingerprint"], data: row["data"], dataHash: row["data_hash"],
      configuration: row["configuration"], versions: row["versions"], steps: row["steps"],
      firstStep: row["first_step"], continues: row["continues"])
  }
}

extension ProcessIdentity {
  fileprivate init?(_ row: Row) {
    guard let host: String = row["host"], let boot: String = row["boot"],
      let space: String = row["space"], let number: Int = row["process"],
      let start: Int = row["process_start"]
    else { return nil }
    self.init(host: host, boot: boot, space: space, number: number, start: start)
  }
}
