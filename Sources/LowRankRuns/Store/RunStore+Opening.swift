import Foundation
import GRDB

extension RunStore {
  enum Purpose { case reading, writing }

  static func configuration(patience: TimeInterval) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    return configuration
  }

  /// Refuses what is no run store, or one that this version cannot use.
  static func check(_ database: Database, _ path: String, for purpose: Purpose) throws {
    let mark = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
    guard mark == RunSchema.applicationID || isEmpty else { throw RunStoreError(path, .foreign) }
    let migrator = RunSchema.migrator
    let unknown = try migrator.appliedIdentifiers(database).subtracting(migrator.migrations)
    guard unknown.isEmpty else { throw RunStoreError(path, .newer(steps: unknown.sorted())) }
    if purpose == .reading, try !migrator.hasCompletedMigrations(database) {
      throw RunStoreError(path, .older)
    }
  }

  /// Brings the tables up to date.
  static func migrate(_ queue: DatabaseQueue) throws {
    let migrator = RunSchema.migrator
    func completed() throws -> Int { try queue.read { try migrator.completedMigrations($0).count } }
    while true {
      let before = try completed()
      guard before < migrator.migrations.count else { return }
      do {
        try queue.write {
          try $0.execute(sql: "PRAGMA application_id = \(RunSchema.applicationID)")
        }
        try migrator.migrate(queue)
      } catch {
        // Another process that opened the same file at the same moment may have been first with a step.
        guard try completed() > before else { throw error }
      }
    }
  }
}
