import Foundation

extension URL {
  /// The host and port, for messages; the rest of the URL may contain a signature.
  var hostText: String { (host ?? "the hub") + (port.map { ":\($0)" } ?? "") }

  /// Whether the connection is encrypted.
  var isSecure: Bool { scheme?.lowercased() == "https" }

  /// The port, or the scheme's default port.
  var portOrUsual: Int { port ?? (isSecure ? 443 : 80) }

  /// Whether two URLs have the same server, so that credentials for one may be sent to the other.
  func isSameServer(as other: URL) -> Bool {
    scheme?.lowercased() == other.scheme?.lowercased()
      && host?.lowercased() == other.host?.lowercased() && portOrUsual == other.portOrUsual
  }
}
