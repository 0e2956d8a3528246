import Foundation
import LowRankCheckpoints
import Synchronization
import Testing

@Suite struct `Removing a folder` {
  /// As where a signal ends a process that removes what it has replaced.
  @Test func `succeeds where another thread removes the same one`() throws {
    let folder = try TemporaryFolder()
    for round in 0..<30 {
      let tree = folder.url.appending(path: "tree-\(round)")
      for branch in 0..<20 {
        let place = tree.appending(path: "\(branch)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for leaf in 0..<5 { try Data().write(to: place.appending(path: "\(leaf)")) }
      }
      let reasons = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 2) { _ in
        if let reason = removeTree(tree.path) { reasons.withLock { $0.append(reason) } }
      }
      #expect(reasons.withLock { $0 }.isEmpty, "round \(round)")
    }
    #expect(try folder.contents.isEmpty)
  }

  @Test func `says why it fails`() throws {
    #expect(removeTree("/proc/self/status") != nil)
    #expect(removeTree("/nowhere/at/all") == nil)
  }
}
