import Foundation
import LowRankCheckpoints

/// A content's lock, taken as Python's `filelock` takes it, so that either waits for the other.
///
/// The file stays when the lock is given back; the system gives it back when the process ends, however it ends.
final class HubLock: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Waits for a lock.
  ///
  /// - Parameter waiting: told once, where somebody else holds it.
  /// - Throws: `FileError`, `CancellationError`.
  static func taken(at path: String, waiting: () -> Void) async throws -> HubLock {
    var isWaiting = false
    while true {
      if let lock = try attempt(path) { return lock }
      if !isWaiting { waiting() }
      isWaiting = true
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private static func attempt(_ path: String) throws(FileError) -> HubLock? {
    let flags = O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC
    // Whoever shares the cache may wait for the lock, so the group may write to it.
    var descriptor = open(path, flags | O_CREAT | O_EXCL, 0o664)
    if descriptor >= 0 {
      fchmod(descriptor, 0o664)
    } else {
      descriptor = open(path, flags | O_CREAT, 0o664)
    }
    guard descriptor >= 0 else { throw .system("lock", path) }
    let lock = HubLock(descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if [EAGAIN, EACCES, EINTR].contains(errno) { return nil }
      // A file system without locks: the content is checked before it is published in any case.
      if [ENOSYS, EOPNOTSUPP, ENOLCK].contains(errno) { return lock }
      throw .system("lock", path)
    }
    var status = stat()
    // Who held it before may have removed it: then this lock guards nothing.
    guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else { return nil }
    return lock
  }
}
