import Foundation
import LowRank
import LowRankDigests

/// A hash of what an adapter's files hold.
enum AdapterContent {
  /// Whether a file of a folder belongs to the adapter, by its name.
  static func isPart(_ name: String) -> Bool { endings.contains(where: name.hasSuffix) }

  /// The SHA-256 of the names and contents of the files of an ``AdapterSource``.
  ///
  /// - Throws: `FileError` where a file cannot be read.
  static func hash(of place: URL) throws -> String {
    let digest = try Digest(.sha256)
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    guard isFolder.boolValue else {
      try add(place, to: digest) { _ in }
      return digest.hexadecimal
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() {
      try add(place.appending(path: name), to: digest) { count in
        digest.update("\(name)\0\(count)\0".utf8)
      }
    }
    return digest.hexadecimal
  }

  /// Adds the bytes of a file, whose number comes before them.
  private static func add(_ url: URL, to digest: Digest, after count: (Int) -> Void) throws {
    let file = try MappedFile(at: url)
    withExtendedLifetime(file) {
      count(file.bytes.count)
      digest.update(file.bytes)
    }
  }

  private static let endings = [
    ".safetensors", ".bin", ".json", ".npz", ".gguf", ".txt", ".model",
    ".jinja",
  ]
}
