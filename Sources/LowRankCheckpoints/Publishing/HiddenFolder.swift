import Foundation

/// A hidden folder that is written before it is published, with the name `PROCESS-BOOT-RANDOM` behind a prefix.
///
/// A lock on the folder is held while it is written, and the system releases it when the process ends, however that
/// happens. A folder is stale if it is not locked and its process no longer exists. `BOOT` tells hosts apart that share
/// a file system, whose processes and locks may be invisible to each other.
package final class HiddenFolder {
  package let url: URL
  private let descriptor: Int32

  /// Creates a folder.
  ///
  /// - Parameter given: the destination as the caller gave it, for errors.
  package init(in parent: String, prefix: String, given: String) throws(FileError) {
    let random = UInt64.random(in: 0...UInt64.max)
    let name = prefix + "\(getpid())-\(Self.boot)-" + String(random, radix: 16)
    url = URL(fileURLWithPath: parent).appending(path: name)
    let path = url.path
    guard TemporaryFolders.making(path, { mkdir(path, 0o777) }) == 0 else {
      let error = FileError("write", given)
      TemporaryFolders.forget(url.path)
      throw error
    }
    descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // On a file system without locks, no folder can be locked later, so none counts as stale.
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

  /// Removes whatever has the folder's name now; returns the reason if that fails.
  package func remove() -> String? { removeTree(url.path) }

  /// Runs a step that briefly uses another hidden name beside the folder, which a signal would otherwise leave behind.
  func withOtherName<Result>(_ step: (String) throws -> Result) rethrows -> Result {
    try TemporaryFolders.settling { try step(url.path + "-moved") }
  }

  /// Removes folders that processes which no longer exist left behind: those with the prefix, and those that outputs with
  /// other names in the same place left since this host was started.
  package static func removeStale(in parent: String, prefix: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names {
      guard let owner = owner(of: name, prefix) else { continue }
      let path = parent == "/" ? "/" + name : parent + "/" + name
      guard let process = pid_t(owner), process > 0, isGone(process, holding: path) else {
        continue
      }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // A process in another container may not be visible here, but its lock is.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = removeTree(path) }
    }
  }

  /// The process in the name of a hidden folder; nil if the name is that of something else, or of another host's.
  private static func owner(of name: String, _ prefix: String) -> Substring? {
    if name.hasPrefix(prefix) { return name.dropFirst(prefix.count).prefix { $0 != "-" } }
    guard name.hasPrefix("."), let mark = name.range(of: ".lowrank-", options: .backwards) else {
      return nil
    }
    let parts = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, !boot.isEmpty, parts[1] == boot else { return nil }
    return parts[0]
  }

  /// What tells this start of this host from others; empty if the system does not say.
  static let boot: String = {
    let file = "/proc/sys/kernel/random/boot_id"
    let id = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return String(id.prefix { $0 != "-" && $0.isHexDigit })
  }()

  /// Whether the process that created a folder is gone.
  ///
  /// An earlier container may have had a process with this one's
  /// number.
  private static func isGone(_ process: pid_t, holding path: String) -> Bool {
    process == getpid()
      ? !TemporaryFolders.holds(path) : kill(process, 0) != 0 && errno == ESRCH
  }
}

/// Removes a file, or a folder with its contents; returns the reason if that fails.
///
/// While a signal ends the process, another thread removes the same folder: a file that it took first is no failure.
package func removeTree(_ path: String) -> String? {
  var attempts = 200
  while true {
    do {
      try FileManager.default.removeItem(atPath: path)
      return nil
    } catch {
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      attempts -= 1
      guard (error as? CocoaError)?.code == .fileNoSuchFile, attempts > 0 else {
        return systemReason(error)
      }
    }
  }
}
