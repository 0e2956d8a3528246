import Foundation
import LowRank
import LowRankCheckpoints

/// A folder among the temporary ones, for as long as it is held.
final class ScratchFolder {
  let url: URL

  private init(at url: URL) { self.url = url }

  /// Makes a folder.
  ///
  /// - Throws: `FileError`.
  static func made(for purpose: String) throws -> ScratchFolder {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-\(purpose)-\(UUID().uuidString)")
    do {
      try TemporaryFolders.making(url.path) {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      }
    } catch {
      throw FileError("create", url.path, reason: "\(error)")
    }
    return ScratchFolder(at: url)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
    TemporaryFolders.forget(url.path)
  }
}
