import Foundation
import LowRankCheckpoints

/// Lends a folder of its own to a test and removes it afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url)
}

/// Changes entries of a JSON file.
func change(_ url: URL, _ entries: [(String, JSONValue?)]) throws {
  var object = try JSONFile(at: url).object
  for (key, value) in entries { object[key] = value }
  try JSONValue.object(object).write(to: url)
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
