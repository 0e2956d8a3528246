import Foundation
import LowRank
import LowRankCheckpoints

/// Keeps other runs of this user on this machine from writing the same adapter folder, as long as it lives.
///
/// It is a lock of the system's on a file among the temporary ones, so it ends with the process, however that ends.
package final class RunLock {
  private let descriptor: Int32
  private let path: String

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Locks a folder; returns nil, with a note, if no temporary file can be created.
  ///
  /// - Throws: `FileError` where another run has it.
  package static func taken(of folder: URL) throws -> RunLock? {
    let place = Array(resolvedPath(folder.path).utf8)
    let name = place.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }
    let path = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-\(getuid())-\(name).lock").path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      Remarks.warn(
        "\(folder.relativePath) is not locked, since \(path) cannot be opened (\(reason)): start no second run that writes it"
      )
      return nil
    }
    guard lockf(descriptor, F_TLOCK, 0) == 0 else {
      close(descriptor)
      throw FileError(
        "write", folder.relativePath,
        reason: "another run is writing it; wait for its end, or choose another folder")
    }
    return RunLock(descriptor, path)
  }

  deinit {
    unlink(path)
    close(descriptor)
  }
}
