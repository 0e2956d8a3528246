import Foundation

/// A copy of a store's files in the temporary folder, which is removed on deinitialization.
final class StoreCopy: Sendable {
  /// The copied store.
  let url: URL
  private let folder: URL

  /// Copies a readable store; nil if that fails.
  init?(of store: URL) {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-runs-\(UUID().uuidString)")
    url = folder.appending(path: store.lastPathComponent)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: store, to: url)
      // The latest records may still be in the write-ahead log.
      let log = store.path + "-wal"
      if FileManager.default.fileExists(atPath: log) {
        try FileManager.default.copyItem(atPath: log, toPath: url.path + "-wal")
      }
      // The copy must not inherit the permissions of a read-only store.
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        chmod(folder.path + "/" + name, 0o600)
      }
    } catch {
      try? FileManager.default.removeItem(at: folder)
      return nil
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
