import GRDB

/// The tables of a run store, and how older ones are brought up to date.
///
/// A step that was released is never changed: what comes later is a step of its own.
package enum RunSchema {
  /// Marks the file as a run store: "lrun".
  package static let applicationID: Int32 = 0x6C72_756E

  /// The steps from an empty file to the tables of this version.
  package static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("runs") { database in
      try database.execute(
        sql: """
          CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            adapter TEXT NOT NULL, task TEXT NOT NULL,
            base TEXT NOT NULL, base_fingerprint TEXT,
            data TEXT NOT NULL, data_hash TEXT NOT NULL,
            configuration TEXT NOT NULL, versions TEXT NOT NULL,
            steps INTEGER NOT NULL, first_step INTEGER NOT NULL,
            continues INTEGER REFERENCES run ON DELETE SET NULL,
            started REAL NOT NULL, ended REAL, outcome TEXT NOT NULL, message TEXT,
            last_step INTEGER NOT NULL,
            host TEXT, boot TEXT, space TEXT, process INTEGER, process_start INTEGER
          );
          CREATE INDEX run_continues ON run (continues) WHERE continues IS NOT NULL;
          """)
    }
    // Points lie together by run in the order of recording: a step of training touches one page of them, and a reader
    // who knows the last row it has seen finds what is new at once.
    migrator.registerMigration("points") { database in
      try database.execute(
        sql: """
          CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
            name TEXT NOT NULL,
            UNIQUE (run, name)
          );
          CREATE TABLE point (
            run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
            row INTEGER NOT NULL,
            series INTEGER NOT NULL,
            step INTEGER NOT NULL,
            value REAL,
            time REAL NOT NULL,
            PRIMARY KEY (run, row)
          ) WITHOUT ROWID;
          ALTER TABLE run ADD COLUMN points INTEGER NOT NULL DEFAULT 0;
          """)
    }
    return migrator
  }
}
