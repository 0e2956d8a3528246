import Foundation
import Synchronization

/// The temporary folders of this process, which are removed if a signal ends it.
package enum TemporaryFolders {
  private static let paths = Mutex<Set<String>>([])
  private static let naming = NSRecursiveLock()

  /// Makes a folder, and registers it to be removed if the process is ended.
  ///
  /// Never returns once the process is being ended, so that no folder appears behind the removal.
  package static func making<Result>(
    _ path: String, _ make: () throws -> Result
  ) rethrows -> Result {
    try settling {
      _ = paths.withLock { $0.insert(path) }
      return try make()
    }
  }

  /// Unregisters a folder that is removed or no longer temporary.
  package static func forget(_ path: String) { _ = paths.withLock { $0.remove(path) } }

  static func holds(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

  /// Runs the step that renames a finished folder; no folder is removed meanwhile.
  static func settling<Result>(_ work: () throws -> Result) rethrows -> Result {
    naming.lock()
    defer { naming.unlock() }
    return try work()
  }

  /// Removes all registered folders and ends the process; nothing is renamed afterwards.
  package static func removeAll(thenEnd end: () -> Never) -> Never {
    naming.lock()
    for path in paths.withLock({ $0 }) {
      // Threads that still write may add a file during the removal.
      for _ in 0..<200 {
        try? FileManager.default.removeItem(atPath: path)
        var status = stat()
        if lstat(path, &status) != 0 { break }
        usleep(5_000)
      }
    }
    end()
  }
}
