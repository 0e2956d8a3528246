import Foundation
import GRDB
import LowRankKeys

/// Why a run store cannot be used; training can go on without one.
public struct RunStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What stands in the way.
  public enum Problem: Hashable, Sendable {
    /// There is no such file.
    case missing
    /// The store's path is a folder, or something else that is not a file.
    case notAFile(kind: String)
    /// A folder for it cannot be made, in the system's words.
    case folder(reason: String)
    /// The file or its folder cannot be opened or written.
    case refused
    /// The disk is full or does not take or give data, in SQLite's words.
    case disk(reason: String)
    /// The file is not SQLite's.
    case noDatabase
    /// What is in the file is damaged.
    case damaged
    /// The file is another program's.
    case foreign
    /// The file's schema has steps that this version does not know.
    case newer(steps: [String])
    /// The file's schema lacks steps, and it was opened for reading only.
    case older
    /// Other programs kept it locked for too long.
    case busy
    /// It holds no run of this number.
    case noRun(Int64)
    /// Anything else, in SQLite's words.
    case system(reason: String)
  }

  /// The store's file.
  public let path: String
  /// What stands in the way.
  public let problem: Problem

  /// A problem with the store at `path`.
  package init(_ path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// SQLite's error about the store at `path`.
  init(_ path: String, sqlite error: any Error) {
    guard let error = error as? DatabaseError else {
      self.init(path, .system(reason: "\(error)"))
      return
    }
    let reason = error.message ?? "\(error)"
    let problem: Problem =
      switch error.resultCode {
      case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .refused
      case .SQLITE_FULL, .SQLITE_IOERR: .disk(reason: reason)
      case .SQLITE_NOTADB: .noDatabase
      case .SQLITE_CORRUPT: .damaged
      case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
      default: .system(reason: reason)
      }
    self.init(path, problem)
  }

  /// One sentence: the file, what is wrong, what to do.
  public var description: String {
    switch problem {
    case .missing:
      "there is no run store at \(path), expected the file in which `lowrank train` records runs: train, or name another file with \(setting: "store") or LOWRANK_RUNS"
    case .notAFile(let kind):
      "the run store \(path) is a \(kind), expected its file, such as \(kind == "folder" ? path + "/" : "")runs.sqlite: name that with \(setting: "store") or LOWRANK_RUNS"
    case .folder(let reason):
      "cannot make the folder of the run store \(path) (\(reason)): name a file elsewhere with \(setting: "store") or LOWRANK_RUNS"
    case .refused:
      "cannot open or write the run store \(path): let it and its folder be written, or name a file elsewhere with \(setting: "store") or LOWRANK_RUNS"
    case .disk(let reason):
      "the disk of the run store \(path) is full or fails (\(reason)): make room, or name a file elsewhere with \(setting: "store") or LOWRANK_RUNS"
    case .noDatabase:
      "\(path) is no run store, expected the SQLite file in which `lowrank train` records runs: name it with \(setting: "store") or LOWRANK_RUNS"
    case .damaged:
      "the run store \(path) is damaged: name another file with \(setting: "store") or LOWRANK_RUNS, or move it away and a new one is made"
    case .foreign:
      "\(path) is an SQLite file of another program, expected the one in which `lowrank train` records runs: name it with \(setting: "store") or LOWRANK_RUNS"
    case .newer(let steps):
      "the run store \(path) is of a newer LowRank (unknown: \(steps.joined(separator: ", "))): use that version, or name another file with \(setting: "store") or LOWRANK_RUNS"
    case .older:
      "the run store \(path) is of an older LowRank and open for reading only: opening it for writing brings it up to date"
    case .busy:
      "the run store \(path) is kept locked by another program: end that program, or name another file with \(setting: "store") or LOWRANK_RUNS"
    case .noRun(let id):
      "the run store \(path) holds no run \(id): `lowrank runs` lists those it holds"
    case .system(let reason):
      "cannot use the run store \(path) (\(reason)): name another file with \(setting: "store") or LOWRANK_RUNS"
    }
  }
}
