import Foundation
import Synchronization

/// The temporary folders of this process, so that a signal that ends it can take them away.
package enum TemporaryFolders {
  private static let paths = Mutex<Set<String>>([])
  private static let naming = NSLock()

  /// Notes a folder that is to go when the process is ended.
  package static func note(_ path: String) { _ = paths.withLock { $0.insert(path) } }

  /// Forgets a folder that is gone, or is no longer temporary.
  package static func forget(_ path: String) { _ = paths.withLock { $0.remove(path) } }

  static func holds(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

  /// Does what gives a finished folder its name; no folder is taken away meanwhile.
  static func settling<Result>(_ work: () throws -> Result) rethrows -> Result {
    naming.lock()
    defer { naming.unlock() }
    return try work()
  }

  /// Removes all of them and ends the process; nothing gets its name any more.
  package static func removeAll(thenEnd end: () -> Never) -> Never {
    naming.lock()
    for path in paths.withLock({ $0 }) {
      // Threads that still write may add a file while the folder is being emptied.
      for _ in 0..<20 {
        try? FileManager.default.removeItem(atPath: path)
        var status = stat()
        if lstat(path, &status) != 0 { break }
        usleep(5_000)
      }
    }
    end()
  }
}
