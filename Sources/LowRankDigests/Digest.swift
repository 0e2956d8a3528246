import CCrypto

/// An incremental hash, computed by OpenSSL.
package final class Digest {
  /// A hash function.
  package enum Function: String, Sendable {
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
  }

  private let context: OpaquePointer

  /// Creates a hash of no bytes.
  ///
  /// - Throws: `DigestError` if OpenSSL does not provide the function.
  package init(_ function: Function) throws(DigestError) {
    let kind = function == .sha1 ? EVP_sha1() : EVP_sha256()
    guard let context = EVP_MD_CTX_new() else { throw DigestError(function) }
    guard EVP_DigestInit_ex(context, kind, nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw DigestError(function)
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes to the hash.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Adds bytes to the hash.
  package func update(_ bytes: some Sequence<UInt8>) {
    let isDone: Void? = bytes.withContiguousStorageIfAvailable {
      update(UnsafeRawBufferPointer($0))
    }
    if isDone == nil { Array(bytes).withUnsafeBytes { update($0) } }
  }

  /// The hash of all bytes so far, in hexadecimal; more bytes can follow.
  package var hexadecimal: String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard let copy = EVP_MD_CTX_new() else { return "" }
    defer { EVP_MD_CTX_free(copy) }
    guard EVP_MD_CTX_copy_ex(copy, context) == 1, EVP_DigestFinal_ex(copy, &bytes, &count) == 1
    else { return "" }
    let digits = Array("0123456789abcdef")
    return bytes.prefix(Int(count)).reduce(into: "") { text, byte in
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }
}

extension Digest {
  /// The SHA-256 of bytes, in hexadecimal.
  package static func sha256(_ bytes: some Sequence<UInt8>) throws(DigestError) -> String {
    let digest = try Digest(.sha256)
    digest.update(bytes)
    return digest.hexadecimal
  }

  /// Starts the SHA-1 by which git identifies content of this size; the content is to follow.
  package static func git(count: Int) throws(DigestError) -> Digest {
    let digest = try Digest(.sha1)
    digest.update("blob \(count)\0".utf8)
    return digest
  }
}

/// A hash function that OpenSSL does not provide.
package struct DigestError: Error, CustomStringConvertible {
  package let description: String

  init(_ function: Digest.Function) {
    description =
      "OpenSSL offers no \(function.rawValue): its configuration turns it off, see openssl.cnf"
  }
}
