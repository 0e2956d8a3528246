import Foundation
import LowRankCheckpoints

/// What a state consists of: each file with its size and hash.
///
/// It is written last. A folder without one, or whose files are not what it says, is no state that a run may go on from.
struct StateManifest {
  /// Lists all files of a folder.
  ///
  /// - Throws: `FileError`.
  static func write(into folder: URL) throws {
    try FolderManifest(of: folder).write(into: folder)
  }

  /// Checks that a folder holds what its manifest says.
  ///
  /// - Throws: `StateError` that names the file which differs, `FileError`, `JSONError`.
  static func check(_ folder: URL) throws {
    let manifest: FolderManifest?
    do { manifest = try FolderManifest(in: folder) } catch ManifestError.otherVersion {
      throw StateError(
        folder.relativePath, "its \(FolderManifest.name) is of another version of lowrank")
    }
    guard let manifest else {
      throw StateError(folder.relativePath, "it has no \(FolderManifest.name)")
    }
    if let difference = try manifest.difference(from: folder) {
      throw StateError(folder.relativePath, difference)
    }
  }
}

/// Why a run cannot continue from a saved state.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder of the state.
  public let folder: String
  /// What is wrong there.
  public let reason: String

  init(_ folder: String, _ reason: String) {
    self.folder = folder
    self.reason = reason
  }

  /// One sentence: the folder, and what is wrong.
  public var description: String { "\(folder) is not a complete state: \(reason)" }
}
