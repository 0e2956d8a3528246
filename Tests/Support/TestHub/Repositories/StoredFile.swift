import Crypto
import Foundation

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
    let name = SHA256.hash(data: bytes).hexadecimal
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
    var hash = Insecure.SHA1()
    hash.update(data: Data("blob \(bytes.count)\0".utf8))
    hash.update(data: bytes)
    return hash.finalize().hexadecimal
  }
}

extension Digest {
  var hexadecimal: String {
    map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
