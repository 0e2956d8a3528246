import Foundation

extension URL {
  /// Host and port, for a sentence: what follows may hold a signature.
  var hostText: String { (host ?? "the hub") + (port.map { ":\($0)" } ?? "") }

  /// Whether nobody on the way can read what is sent.
  var isSecure: Bool { scheme?.lowercased() == "https" }

  /// The port, or the one that the scheme stands for.
  var portOrUsual: Int { port ?? (isSecure ? 443 : 80) }

  /// Whether two addresses are of one server, which alone may see what the other was told.
  func isSameServer(as other: URL) -> Bool {
    scheme?.lowercased() == other.scheme?.lowercased()
      && host?.lowercased() == other.host?.lowercased() && portOrUsual == other.portOrUsual
  }
}
