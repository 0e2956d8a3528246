import Foundation

/// A proxy server.
package struct Proxy: Hashable, Sendable {
  /// The proxy's protocol: `http`, `https`, or a version of SOCKS.
  let scheme: String
  let host: String
  let port: Int
  let user: String?
  let password: String?
  /// The environment variable that names it.
  let variable: String

  private static let ports = [
    "http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
  ]

  /// Parses `http://user:password@host:port`, of which only the host is required.
  ///
  /// - Throws: `HubError` if the text is not a proxy.
  init(_ text: String, from variable: String) throws(HubError) {
    guard let url = URL(string: text.contains("://") ? text : "http://\(text)"),
      let scheme = url.scheme?.lowercased(), let usual = Self.ports[scheme],
      let host = url.host, !host.isEmpty, (1...65_535).contains(url.port ?? usual)
    else {
      // Error messages must not show the password.
      throw .badSetting(
        variable, text.contains("@") ? "…" : text,
        expected: "a proxy as http://host:port, or with https, socks4, socks4a, socks5 or socks5h"
      )
    }
    (self.scheme, self.host, port) = (scheme, host, url.port ?? usual)
    user = url.user?.removingPercentEncoding
    password = url.password?.removingPercentEncoding
    self.variable = variable
  }

  /// The proxy's address, without user and password.
  package var address: String {
    "\(scheme)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
  }
}
