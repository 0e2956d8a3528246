"""Runs in a run store as `lowrank train` keeps them, made up.

The tables are those of Sources/LowRankRuns/Store/RunSchema.swift, written from outside on purpose: a page is
watched while another process writes.
"""

import json
import math
import os
import random
import sqlite3
import threading
import time

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1819440494;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('runs'), ('points');
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
  host TEXT, boot TEXT, space TEXT, process INTEGER, process_start INTEGER,
  points INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX run_continues ON run (continues) WHERE continues IS NOT NULL;
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
"""

KINDS = [
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
]


class SimulatedRun:
    """A run of a model of 28 layers and 196 adapted modules."""

    def __init__(self, path, name, steps=2000, started=None, seed=0, layers=28):
        self.path = path
        self.random = random.Random(seed)
        self.steps = steps
        self.layers = layers
        self.step = 0
        self.rows = 0
        self.level = 2.0 + 0.1 * self.random.random()
        self.series = {}
        self.started = started or time.time()
        if not os.path.exists(path):
            # Nobody is to see half of the tables.
            new = sqlite3.connect(f"{path}.new")
            new.executescript(SCHEMA)
            new.close()
            os.rename(f"{path}.new", path)
        self.database = sqlite3.connect(path, timeout=10, check_same_thread=False)
        settings = {"rank": 8, "alpha": 16, "learning_rate": 2e-4, "target": ["all-linear"]}
        self.id = self.database.execute(
            """INSERT INTO run (adapter, task, base, data, data_hash, configuration, versions, steps, first_step,
                 started, outcome, last_step) VALUES (?, 'causal', 'Qwen2.5-0.5B', 'names', 'ab12', ?, '{}', ?, 0,
                 ?, 'running', 0)""",
            (os.path.join("/adapters", name), json.dumps(settings), steps, self.started),
        ).lastrowid
        self.database.commit()
        self.lock = threading.Lock()

    def values(self, step):
        noise = lambda: self.random.gauss(0, 1)
        fallen = math.exp(-step / 150)
        values = {
            "gradient_norm": 0.8 + 2 * fallen + abs(0.2 * noise()),
            "learning_rate": 2e-4 * min(1, step / 100) * max(0, 1 - step / self.steps),
            "loss": self.level + 2.4 * fallen + 0.12 * noise(),
            "peak_memory_bytes": 1.2e9,
            "tokens_per_second": 1600 + 30 * noise(),
        }
        if step % 100 == 0:
            values["valid_loss"] = self.level + 0.1 + 2.2 * fallen + 0.01 * noise()
            values["valid_accuracy"] = 0.7 - 0.3 * fallen
        if step % 20 == 0:
            for layer in range(self.layers):
                for index, kind in enumerate(KINDS):
                    size = (0.05 + 0.02 * index + 0.003 * layer) * math.sqrt(step / 200)
                    values[f"update_norm/model.layers.{layer}.{kind}"] = size * (1 + 0.05 * noise())
        return values

    def advance(self, count=1):
        """Does steps as one transaction each."""
        with self.lock:
            for _ in range(count):
                self.step += 1
                rows = []
                for name, value in sorted(self.values(self.step).items()):
                    if name not in self.series:
                        self.series[name] = self.database.execute(
                            "INSERT INTO series (run, name) VALUES (?, ?)", (self.id, name)
                        ).lastrowid
                    self.rows += 1
                    moment = self.started + 0.2 * self.step
                    rows.append((self.id, self.rows, self.series[name], self.step, value, moment))
                self.database.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?, ?)", rows)
                self.database.execute(
                    "UPDATE run SET points = ?, last_step = ? WHERE id = ?",
                    (self.rows, self.step, self.id),
                )
                self.database.commit()

    def end(self, outcome, message=None):
        with self.lock:
            self.database.execute(
                "UPDATE run SET outcome = ?, message = ?, ended = ? WHERE id = ?",
                (outcome, message, self.started + 0.2 * self.step, self.id),
            )
            self.database.commit()


class Live:
    """Steps of a run that go on beside the test."""

    def __init__(self, run, seconds_per_step=0.05):
        self.run = run
        self.seconds = seconds_per_step
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        while not self.stopped.wait(self.seconds):
            self.run.advance()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
