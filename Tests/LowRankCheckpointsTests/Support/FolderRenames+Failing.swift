import Foundation
import LowRankCheckpoints
import Synchronization

/// File systems on which folders cannot be renamed or exchanged, one way or another.
enum FolderTrouble: CaseIterable {
  /// The place is a mount point, which is only found out in the end.
  case mountPoint
  /// No folder can be renamed at all.
  case noRenames
  /// Folders cannot be exchanged, as on many network file systems.
  case noExchange
  /// Files can be renamed, folders cannot, not even inside the place.
  case noFolders
  /// One folder cannot be exchanged, as one of a lower layer of overlayfs.
  case lowerLayer

  func renames(at place: URL) -> FolderRenames {
    var renames = FolderRenames.system
    let (rename, exchange) = (renames.rename, renames.exchange)
    let path = resolvedPath(place.path)
    switch self {
    case .mountPoint:
      renames.rename = {
        FileManager.default.fileExists(atPath: path) && $1 == path ? EBUSY : rename($0, $1)
      }
      renames.exchange = { $1 == path ? EBUSY : exchange($0, $1) }
    case .noRenames:
      renames.rename = { _, _ in EINVAL }
      renames.exchange = { _, _ in EINVAL }
    case .noFolders:
      renames.rename = { _, _ in EXDEV }
      renames.exchange = { _, _ in EXDEV }
      let step = renames.step
      renames.step = { isFolder($0) && $1 != nil ? EXDEV : step($0, $1) }
    case .noExchange: renames.exchange = { _, _ in ENOSYS }
    case .lowerLayer: renames.exchange = { $1 == path ? EXDEV : exchange($0, $1) }
    }
    return renames
  }
}

private func isFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Steps of a save inside a folder, of which the one of a number does not take place, nor any after it: as if the process had been
/// killed there.
final class KilledSteps: Sendable {
  private let left: Mutex<Int>
  private let folders: Bool
  var wasReached: Bool { left.withLock { $0 < 0 } }

  /// - Parameter folders: whether folders can be renamed inside.
  init(after steps: Int, folders: Bool = true) {
    left = Mutex(steps)
    self.folders = folders
  }

  var renames: FolderRenames {
    let trouble = folders ? FolderTrouble.noRenames : .noFolders
    var renames = trouble.renames(at: URL(filePath: "/"))
    let step = renames.step
    renames.step = { [self] old, new in
      let isKilled = left.withLock {
        $0 -= 1
        return $0 < 0
      }
      return isKilled ? EIO : step(old, new)
    }
    return renames
  }
}
