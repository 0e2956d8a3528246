import Foundation
import GRDB

extension RunStore {
  enum Purpose { case reading, writing }

  private static func configuration(patience: TimeInterval) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    return configuration
  }

  /// Refuses a path that is not a regular file.
  static func checkFile(_ path: String) throws(RunStoreError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw RunStoreError(path, .notAFile(kind: "folder"))
    default: throw RunStoreError(path, .notAFile(kind: "device or pipe"))
    }
  }

  /// Opens a file for writing, creates it if it is missing, and migrates its tables.
  static func opened(_ path: String, patience: TimeInterval) throws -> DatabaseQueue {
    try waiting(patience) {
      do { return try opened(path, patience, isAlone: false) } catch let error as DatabaseError {
        // Without memory that processes share there is no write-ahead mode.
        let codes: [ResultCode] = [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR]
        guard codes.contains(error.resultCode) else { throw error }
        do { return try opened(path, patience, isAlone: true) } catch let other as DatabaseError {
          // Who may not write at all is told that.
          throw other.resultCode == .SQLITE_BUSY ? other : error
        }
      }
    }
  }

  /// Opens a file in write-ahead mode, in which readers do not wait; or, held alone for a moment, in SQLite's older mode: then it
  /// needs no shared memory to leave the mode that it may be in.
  private static func opened(
    _ path: String, _ patience: TimeInterval, isAlone: Bool
  ) throws -> DatabaseQueue {
    var configuration = configuration(patience: patience)
    configuration.prepareDatabase { database in
      if isAlone { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
      // Checked before the mode is set, which already writes.
      try check(database, path, for: .writing)
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in
      func mode(_ wanted: String = "") throws -> String? {
        try String.fetchOne(database, sql: "PRAGMA journal_mode\(wanted)")
      }
      if isAlone {
        guard try mode(" = DELETE") == "delete" else {
          throw DatabaseError(resultCode: .SQLITE_READONLY)
        }
        try database.execute(sql: "PRAGMA locking_mode = NORMAL")
        // The lock goes with the next thing that is read.
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
        return
      }
      // A store with tables has the mode that it was made in.
      let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
      let isAhead = try mode(isNew ? " = WAL" : "") == "wal"
      guard isAhead || !isNew else { throw DatabaseError(resultCode: .SQLITE_CANTOPEN) }
      if isAhead { try database.execute(sql: "PRAGMA synchronous = NORMAL") }
    }
    try migrate(queue)
    return queue
  }

  /// Opens a file, which may be a copy of the store at `path`, for reading only.
  static func opened(reading file: String, of path: String) throws -> DatabaseQueue {
    var configuration = configuration(patience: 5)
    configuration.readonly = true
    configuration.prepareDatabase { try check($0, path, for: .reading) }
    return try waiting(5) { try DatabaseQueue(path: file, configuration: configuration) }
  }

  /// Retries while other processes create the same file.
  ///
  /// SQLite waits for a lock that another connection holds, unless that could deadlock: connections that change the
  /// mode at once, or read and then write, get an error that the file is busy.
  private static func waiting<Value>(
    _ patience: TimeInterval, _ work: () throws -> Value
  ) throws -> Value {
    let end = ContinuousClock.now + .seconds(patience)
    while true {
      do { return try work() } catch let error as DatabaseError {
        let passes: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL]
        guard passes.contains(error.resultCode), ContinuousClock.now < end else { throw error }
        usleep(UInt32.random(in: 2_000...20_000))
      }
    }
  }

  /// Refuses what is no run store, or one that this version cannot use.
  ///
  /// Everything is read in one transaction, since another process may be creating the tables.
  private static func check(_ database: Database, _ path: String, for purpose: Purpose) throws {
    try database.inTransaction(.deferred) {
      let mark = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
      guard mark == RunSchema.applicationID || isEmpty else { throw RunStoreError(path, .foreign) }
      let migrator = RunSchema.migrator
      let unknown = try migrator.appliedIdentifiers(database).subtracting(migrator.migrations)
      guard unknown.isEmpty else { throw RunStoreError(path, .newer(steps: unknown.sorted())) }
      if purpose == .reading, try !migrator.hasCompletedMigrations(database) {
        throw RunStoreError(path, .older)
      }
      return .commit
    }
  }

  /// Brings the tables up to date.
  private static func migrate(_ queue: DatabaseQueue) throws {
    let migrator = RunSchema.migrator
    func completed() throws -> Int {
      try queue.read { try migrator.completedMigrations($0).count }
    }
    while true {
      let before = try completed()
      guard before < migrator.migrations.count else { return }
      do {
        try queue.writeWithoutTransaction { database in
          try database.inTransaction(.immediate) {
            try database.execute(
              sql: "PRAGMA application_id = \(RunSchema.applicationID)")
            return .commit
          }
        }
        try migrator.migrate(queue)
      } catch {
        // Another process that opened the same file at the same moment may have been first with a step.
        guard try completed() > before else { throw error }
      }
    }
  }
}
