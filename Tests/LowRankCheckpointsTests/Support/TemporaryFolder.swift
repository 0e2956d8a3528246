import Foundation
import LowRankCheckpoints

/// A folder of its own for one test, removed afterwards.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A file in the folder that holds these bytes.
  func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let file = url.appending(path: name)
    unlink(file.path)  // file systems flush a file that is emptied and rewritten, which is slow
    let output = try OutputFile(at: file)
    try output.write(bytes)
    try output.close()
    return file
  }

  /// Everything in the folder, hidden or not.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}
