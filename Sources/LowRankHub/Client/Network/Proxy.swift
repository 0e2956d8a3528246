import Foundation

/// A server that passes requests on.
package struct Proxy: Hashable, Sendable {
  /// How it is spoken to: `http`, `https`, or a version of SOCKS.
  let scheme: String
  let host: String
  let port: Int
  let user: String?
  let password: String?
  /// The variable that names it.
  let variable: String

  private static let ports = [
    "http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
  ]

  /// Reads `http://user:password@host:port`, of which all but the host may be left out.
  ///
  /// - Throws: `HubError` where it is none.
  init(_ text: String, from variable: String) throws(HubError) {
    guard let url = URL(string: text.contains("://") ? text : "http://\(text)"),
      let scheme = url.scheme?.lowercased(), let usual = Self.ports[scheme],
      let host = url.host, !host.isEmpty, (1...65_535).contains(url.port ?? usual)
    else {
      // A password in it is not for the screen.
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

  /// Its address without user and password.
  package var address: String {
    "\(scheme)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
  }
}
