import LowRankDigests

/// The hash of a content, taken piece by piece.
struct ContentHash {
  private let digest: Digest
  private let expected: String

  /// The hash of a file's content.
  ///
  /// - Throws: `DigestError`.
  init(of file: RemoteFile) throws(DigestError) {
    switch file.digest {
    case .sha256(let text): (digest, expected) = (try Digest(.sha256), text)
    case .git(let text): (digest, expected) = (try Digest.git(count: file.size), text)
    }
  }

  /// Takes the next bytes.
  func update(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

  /// Whether it is the hash that the hub says.
  var isExpected: Bool { digest.hexadecimal == expected }
}
