import Foundation
import LowRankCheckpoints

/// What a state consists of: each file with its size and hash.
///
/// It is written last. A folder without one, or whose files are not what it says, is no state that a run may go on from.
struct StateManifest {
  private static let name = "manifest.json"
  private static let version = 1

  /// Lists all files of a folder.
  ///
  /// - Throws: `FileError`.
  static func write(into folder: URL) throws {
    var files = JSONObject()
    for file in try content(of: folder) {
      files[file.lastPathComponent] = .object(try entry(of: file))
    }
    let json: JSONValue = ["version": .integer(version), "files": .object(files)]
    try json.write(to: folder.appending(path: name))
  }

  /// Checks that a folder holds what its manifest says.
  ///
  /// - Throws: `StateError` that names the file which differs, `FileError`, `JSONError`.
  static func check(_ folder: URL) throws {
    let url = folder.appending(path: name)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw StateError(folder.relativePath, "it has no \(name)")
    }
    let json = try JSONFile(at: url)
    guard try json.integer("version") == version else {
      throw StateError(folder.relativePath, "its \(name) is of another version of lowrank")
    }
    for (name, expected) in try json.object("files").object.entries {
      let file = folder.appending(path: name)
      guard FileManager.default.fileExists(atPath: file.path) else {
        throw StateError(folder.relativePath, "\(name) is missing")
      }
      guard try JSONValue.object(entry(of: file)) == expected else {
        throw StateError(folder.relativePath, "\(name) is not as it was written")
      }
    }
  }

  private static func entry(of file: URL) throws -> JSONObject {
    let mapped = try MappedFile(at: file)
    return [
      "bytes": .integer(mapped.bytes.count),
      "murmur3": .string(MurmurHash3(of: mapped.bytes).hexadecimal),
    ]
  }

  private static func content(of folder: URL) throws -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil
      ).filter { $0.lastPathComponent != name }.sorted { $0.path < $1.path }
    } catch { throw FileError("read", folder.relativePath, reason: "\(error)") }
  }
}

/// Why a saved state cannot be gone on from.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder of the state.
  public let folder: String
  /// What is wrong there.
  public let reason: String

  init(_ folder: String, _ reason: String) {
    self.folder = folder
    self.reason = reason
  }

  /// One sentence: the folder, and what is wrong.
  public var description: String { "\(folder) is no complete state, \(reason)" }
}
