import Foundation

/// A hidden folder beside the place of publication: `.NAME.lowrank-PROCESS-RANDOM`.
///
/// It is locked for as long as it is being written, and the system unlocks it when the process ends,
/// however it ends; what is unlocked, and of a process that is no more, is stale.
final class TemporarySibling {
  let url: URL
  private let descriptor: Int32

  init(of place: PublishingPlace) throws(FileError) {
    let random = UInt64.random(in: 0...UInt64.max)
    let name = Self.prefix(of: place) + "\(getpid())-" + String(random, radix: 16)
    url = URL(fileURLWithPath: place.parent).appending(path: name)
    guard mkdir(url.path, 0o777) == 0 else { throw FileError("write", place.given) }
    descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let error = FileError("write", place.given)
      rmdir(url.path)
      throw error
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Removes whatever has the folder's name now; returns the reason where that fails.
  func remove() -> String? { Self.remove(url) }

  /// Removes what processes that are no more have left behind.
  static func removeStale(of place: PublishingPlace) {
    let prefix = prefix(of: place)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.parent)) ?? []
    for name in names where name.utf8.starts(with: prefix.utf8) {
      let owner = name.utf8.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "-") }
      guard let process = pid_t(String(Substring(owner))), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      let folder = URL(fileURLWithPath: place.parent).appending(path: name)
      let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // A process of another container has a number of its own there, but the lock is common.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = remove(folder) }
    }
  }

  private static func prefix(of place: PublishingPlace) -> String { ".\(place.name).lowrank-" }

  private static func remove(_ folder: URL) -> String? {
    do {
      try FileManager.default.removeItem(at: folder)
      return nil
    } catch {
      var status = stat()
      return lstat(folder.path, &status) == 0 ? error.localizedDescription : nil
    }
  }
}
