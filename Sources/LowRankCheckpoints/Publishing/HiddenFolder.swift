import Foundation

/// A hidden folder in which something is written before it is published: its prefix, then `PROCESS-RANDOM`.
///
/// It is locked for as long as it is being written, and the system unlocks it when the process ends,
/// however it ends; what is unlocked, and of a process that is no more, is stale.
final class HiddenFolder {
  let url: URL
  private let descriptor: Int32

  /// Makes a folder.
  ///
  /// - Parameter given: the place of publication as it was given, for errors.
  init(in parent: String, prefix: String, given: String) throws(FileError) {
    let random = UInt64.random(in: 0...UInt64.max)
    let name = prefix + "\(getpid())-" + String(random, radix: 16)
    url = URL(fileURLWithPath: parent).appending(path: name)
    TemporaryFolders.note(url.path)
    guard mkdir(url.path, 0o777) == 0 else {
      let error = FileError("write", given)
      TemporaryFolders.forget(url.path)
      throw error
    }
    descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Where there are no locks, none is found free, and nothing is taken for stale.
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      let error = FileError("write", given)
      rmdir(url.path)
      TemporaryFolders.forget(url.path)
      throw error
    }
  }

  deinit {
    TemporaryFolders.forget(url.path)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Removes whatever has the folder's name now; returns the reason where that fails.
  func remove() -> String? { removeTree(url.path) }

  /// Removes what processes that are no more have left behind.
  static func removeStale(in parent: String, prefix: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.utf8.starts(with: prefix.utf8) {
      let path = parent == "/" ? "/" + name : parent + "/" + name
      let owner = name.utf8.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "-") }
      guard let process = pid_t(String(Substring(owner))), process > 0,
        isGone(process, holding: path)
      else { continue }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // A process of another container has a number of its own there, but the lock is common.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = removeTree(path) }
    }
  }

  /// Whether the process that made a folder is no more; this one's number may have been another's in an earlier container.
  private static func isGone(_ process: pid_t, holding path: String) -> Bool {
    process == getpid()
      ? !TemporaryFolders.holds(path) : kill(process, 0) != 0 && errno == ESRCH
  }
}

/// Removes a file, or a folder with all it holds; returns the reason where that fails.
func removeTree(_ path: String) -> String? {
  do {
    try FileManager.default.removeItem(atPath: path)
    return nil
  } catch {
    var status = stat()
    return lstat(path, &status) == 0 ? error.localizedDescription : nil
  }
}
