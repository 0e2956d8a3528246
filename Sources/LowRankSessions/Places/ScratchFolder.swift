import Foundation
import LowRank
import LowRankCheckpoints

/// A folder among the temporary ones, for as long as it is held.
///
/// If the process is killed, the next one that makes a folder for the same purpose removes it.
package final class ScratchFolder {
  private let folder: HiddenFolder

  package var url: URL { folder.url }

  private init(_ folder: HiddenFolder) { self.folder = folder }

  /// Makes a folder.
  ///
  /// - Throws: `FileError`.
  package static func made(for purpose: String) throws -> ScratchFolder {
    let parent = FileManager.default.temporaryDirectory.path
    let prefix = "lowrank-\(purpose)-"
    HiddenFolder.removeStale(in: parent, prefix: prefix)
    return ScratchFolder(try HiddenFolder(in: parent, prefix: prefix, given: parent))
  }

  deinit { _ = folder.remove() }
}
