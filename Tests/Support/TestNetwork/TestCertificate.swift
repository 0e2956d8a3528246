import CTestTLS
import Foundation

/// A certificate that signs itself, with its key.
package final class TestCertificate: Sendable {
  nonisolated(unsafe) let certificate: OpaquePointer
  nonisolated(unsafe) let key: OpaquePointer

  /// Makes one.
  ///
  /// - Parameters:
  ///   - names: whose it is, such as `DNS:localhost,IP:127.0.0.1`.
  ///   - days: from when to when it is valid, from today on.
  package init(for names: String = "DNS:localhost,IP:127.0.0.1", days: Range<Int> = -1..<2) throws {
    guard let key = lr_tls_new_key(), let certificate = X509_new() else {
      throw NetworkError("no certificate")
    }
    (self.key, self.certificate) = (key, certificate)
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<1 << 40))
    X509_gmtime_adj(X509_getm_notBefore(certificate), days.lowerBound * 86_400)
    X509_gmtime_adj(X509_getm_notAfter(certificate), days.upperBound * 86_400)
    X509_set_pubkey(certificate, key)
    let name = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, "LowRank test", -1, -1, 0)
    X509_set_issuer_name(certificate, name)
    guard lr_tls_set_names(certificate, names) == 1, X509_sign(certificate, key, EVP_sha256()) > 0
    else { throw NetworkError("no certificate") }
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  /// Writes it, without its key, in PEM form.
  package func write(to path: String) throws {
    guard let file = fopen(path, "w") else { throw NetworkError("cannot write \(path)") }
    defer { fclose(file) }
    guard PEM_write_X509(file, certificate) == 1 else { throw NetworkError("cannot write \(path)") }
  }

  /// Writes it into a folder, under the name by which OpenSSL looks for it there.
  package func write(intoFolder path: String) throws {
    let hash = String(X509_subject_name_hash(certificate), radix: 16)
    let name = String(repeating: "0", count: 8 - hash.count) + hash
    try write(to: "\(path)/\(name).0")
  }
}
