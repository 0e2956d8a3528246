import Foundation
import LowRankDigests

/// A file of a repository, with the names that git and the store of large files give it.
struct StoredFile: Sendable {
  let bytes: Data
  /// The SHA-256 of a large file, in hexadecimal digits.
  let sha256: String?
  /// Git's name of what the repository itself holds: the bytes, or the pointer to a large file.
  let blob: String
  /// The length of that pointer.
  let pointerSize: Int

  /// What a download is named by.
  var etag: String { sha256 ?? blob }

  init(_ bytes: Data, isLarge: Bool) {
    self.bytes = bytes
    guard isLarge else {
      (sha256, blob, pointerSize) = (nil, Self.gitName(of: bytes), 0)
      return
    }
    let name = Hashes.sha256(bytes)
    let pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:\(name)\nsize \(bytes.count)\n"
    (sha256, blob) = (name, Self.gitName(of: Data(pointer.utf8)))
    pointerSize = pointer.utf8.count
  }

  /// Whether the hub keeps such a file outside git.
  static func isLarge(_ path: String, size: Int) -> Bool {
    guard size > 0 else { return false }
    let kinds = ["safetensors", "bin", "gguf", "h5", "npz", "onnx", "pt", "pth", "zip"]
    return size > 10_000_000 || kinds.contains { path.hasSuffix("." + $0) }
  }

  private static func gitName(of bytes: Data) -> String {
    Hashes.text {
      let digest = try Digest.git(count: bytes.count)
      digest.update(bytes)
      return digest.hexadecimal
    }
  }
}

/// Hashes in hexadecimal digits, of a system that has the functions that git needs.
enum Hashes {
  static func sha256(_ bytes: Data) -> String { text { try Digest.sha256(bytes) } }

  static func text(_ make: () throws -> String) -> String {
    do { return try make() } catch { preconditionFailure("\(error)") }
  }
}
