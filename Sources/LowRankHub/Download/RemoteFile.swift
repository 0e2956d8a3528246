/// A file of a commit as the hub lists it.
struct RemoteFile: Hashable, Sendable {
  /// Its place in the repository.
  let path: String
  /// Its size in bytes.
  let size: Int
  /// What its content must be.
  let digest: Digest

  /// A hash that tells a content.
  enum Digest: Hashable, Sendable {
    /// Of a large file: the SHA-256 of its bytes.
    case sha256(String)
    /// Of a small one: the SHA-1 that git knows it by.
    case git(String)
  }

  /// The name of the content in the cache.
  var etag: String {
    switch digest {
    case .sha256(let text), .git(let text): text
    }
  }
}
