import Foundation
import GRDB

/// The runs of a user, in an SQLite file: what each was given, what it measured, what became of it.
///
/// Several processes can write at once and others read meanwhile: the file is in SQLite's write-ahead mode, and every call
/// is one short transaction. A power failure may take the last of them, never the file.
public final class RunStore: Sendable {
  /// The store's file.
  public let url: URL
  let queue: DatabaseQueue
  private let copy: StoreCopy?

  /// Where runs are kept: `LOWRANK_RUNS`, else `lowrank/runs.sqlite` in `XDG_DATA_HOME` or `~/.local/share`.
  public static func standardLocation(_ environment: [String: String]) -> URL {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    if let file = value("LOWRANK_RUNS") { return URL(filePath: file) }
    // A relative XDG_DATA_HOME is to be ignored, says its specification.
    if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
      return URL(filePath: data).appending(path: "lowrank/runs.sqlite")
    }
    let home =
      value("HOME").map { URL(filePath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
    return home.appending(path: ".local/share/lowrank/runs.sqlite")
  }

  /// Opens a store for writing; makes the file and its folders where they are missing, and brings an older one up to date.
  ///
  /// Any number of processes may do so at the same time; they wait for each other. On a file system without shared
  /// memory, such as some network file systems, SQLite's older mode is used, in which readers wait for writers.
  ///
  /// - Parameter patience: for how many seconds a call waits for other writers.
  /// - Throws: `RunStoreError`.
  public init(at url: URL, patience: TimeInterval = 5) throws(RunStoreError) {
    self.url = url
    let path = url.path
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw RunStoreError(path, .folder(reason: error.localizedDescription))
    }
    try Self.checkFile(path)
    copy = nil
    queue = try Self.checked(path) { try Self.opened(path, patience: patience) }
  }

  /// Opens a store that exists for reading only.
  ///
  /// In a read-only folder, where SQLite cannot create its shared memory, a copy of the current store is read.
  ///
  /// - Throws: `RunStoreError`.
  public init(reading url: URL) throws(RunStoreError) {
    self.url = url
    let path = url.path
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunStoreError(path, .missing)
    }
    try Self.checkFile(path)
    do {
      queue = try Self.checked(path) { try Self.opened(reading: path, of: path) }
      copy = nil
    } catch {
      guard error.problem == .refused, let copy = StoreCopy(of: url) else { throw error }
      queue = try Self.checked(path) { try Self.opened(reading: copy.url.path, of: path) }
      self.copy = copy
    }
  }

  /// What `body` returns; SQLite's errors as the store's own.
  static func checked<Result>(
    _ path: String, _ body: () throws -> Result
  ) throws(RunStoreError) -> Result {
    do {
      return try body()
    } catch let error as RunStoreError {
      throw error
    } catch {
      throw RunStoreError(path, sqlite: error)
    }
  }

  func checked<Result>(_ body: () throws -> Result) throws(RunStoreError) -> Result {
    try Self.checked(url.path, body)
  }
}
