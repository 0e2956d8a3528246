-- A store of two runs, the second of which resumes the first: the mark of a run store, and what sqlite3's .dump
-- prints, in an order that foreign keys allow.
PRAGMA application_id = 1819440494;
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
, points INTEGER NOT NULL DEFAULT 0);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
CREATE TABLE point (
  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  row INTEGER NOT NULL,
  series INTEGER NOT NULL,
  step INTEGER NOT NULL,
  value REAL,
  time REAL NOT NULL,
  PRIMARY KEY (run, row)
) WITHOUT ROWID;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  name TEXT NOT NULL,
  UNIQUE (run, name)
);
CREATE INDEX run_continues ON run (continues) WHERE continues IS NOT NULL;
INSERT INTO "grdb_migrations" VALUES('runs');
INSERT INTO "grdb_migrations" VALUES('points');
INSERT INTO "run" VALUES(1,'/adapters/a','causal','models/gpt2','ab12','data/names','cd34','{"rank":8,"learning_rate":0.0002,"target":["c_attn"]}','{"lowrank":"0.1.0"}',4,0,NULL,1700000000.25,1700000060.5,'finished',NULL,4,NULL,NULL,NULL,NULL,NULL,5);
INSERT INTO "run" VALUES(2,'/adapters/b','causal','models/gpt2','ab12','data/names','cd34','{"rank":16,"learning_rate":0.0002,"target":["c_attn"]}','{"lowrank":"0.1.0"}',6,4,1,1700000100.0,1700000101.0,'failed','the loss of step 6 is not finite',6,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "series" VALUES(1,1,'loss');
INSERT INTO "series" VALUES(2,1,'valid_loss');
INSERT INTO "series" VALUES(3,2,'loss');
INSERT INTO "point" VALUES(1,1,1,1,3.5,1700000010.0);
INSERT INTO "point" VALUES(1,2,1,2,3.25,1700000020.0);
INSERT INTO "point" VALUES(1,3,1,3,1e999,1700000030.0);
INSERT INTO "point" VALUES(1,4,1,4,2.75,1700000040.0);
INSERT INTO "point" VALUES(1,5,2,4,3.0,1700000040.5);
INSERT INTO "point" VALUES(2,1,3,5,2.5,1700000100.5);
INSERT INTO "point" VALUES(2,2,3,6,NULL,1700000100.75);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run',2);
