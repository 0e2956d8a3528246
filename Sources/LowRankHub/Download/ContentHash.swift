import Crypto

/// The hash of a content, taken piece by piece.
struct ContentHash {
  private enum State {
    case sha256(SHA256)
    case git(Insecure.SHA1)
  }

  private var state: State
  private let expected: String

  /// The hash of a file's content.
  init(of file: RemoteFile) {
    switch file.digest {
    case .sha256(let text):
      (state, expected) = (.sha256(SHA256()), text)
    case .git(let text):
      var hash = Insecure.SHA1()
      hash.update(data: Array("blob \(file.size)\0".utf8))
      (state, expected) = (.git(hash), text)
    }
  }

  /// Takes the next bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch state {
    case .sha256(var hash):
      state = .git(Insecure.SHA1())  // so that the hash is not copied
      hash.update(bufferPointer: bytes)
      state = .sha256(hash)
    case .git(var hash):
      state = .sha256(SHA256())
      hash.update(bufferPointer: bytes)
      state = .git(hash)
    }
  }

  /// Whether it is the hash that the hub says.
  var isExpected: Bool {
    switch state {
    case .sha256(let hash): Self.text(hash.finalize()) == expected
    case .git(let hash): Self.text(hash.finalize()) == expected
    }
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return bytes.reduce(into: "") { text, byte in
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }
}
