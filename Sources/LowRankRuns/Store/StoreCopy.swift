import Foundation

/// A copy of a store's files among the temporary ones, for as long as it is held.
final class StoreCopy: Sendable {
  /// The copied store.
  let url: URL
  private let folder: URL

  /// Copies a store that may be read; nil where that is not possible.
  init?(of store: URL) {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-runs-\(UUID().uuidString)")
    url = folder.appending(path: store.lastPathComponent)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: store, to: url)
      // What was recorded last may still be in the file beside it.
      let log = store.path + "-wal"
      if FileManager.default.fileExists(atPath: log) {
        try FileManager.default.copyItem(atPath: log, toPath: url.path + "-wal")
      }
      // The copy's own permissions are not those of a store that nobody may write.
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
