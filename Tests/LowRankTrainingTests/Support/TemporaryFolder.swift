import Foundation

/// A folder of its own for one test, removed afterwards.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "lowrank-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A file in the folder that holds this text.
  func file(_ name: String, _ text: String) throws -> URL { try file(name, Array(text.utf8)) }

  /// A file in the folder that holds these bytes.
  func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let file = URL(filePath: name, relativeTo: url)
    try Data(bytes).write(to: file)
    return file
  }
}

/// What an error says that `body` must throw; empty where it throws none.
func message<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return ""
  } catch {
    return String(describing: error)
  }
}
