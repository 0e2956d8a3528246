import Foundation

/// The proxies that the environment names, and the hosts to reach without one.
package struct Proxies: Sendable {
  private let plain: Proxy?
  private let secure: Proxy?
  private let exceptions: ProxyExceptions

  /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` as Python does: lowercase names take precedence
  /// over uppercase ones.
  ///
  /// - Throws: `HubError` if a value is not a proxy.
  package init(_ environment: [String: String]) throws(HubError) {
    func variable(_ name: String) -> (name: String, value: String)? {
      if let value = environment[name] { return value.isEmpty ? nil : (name, value) }
      let capitals = name.uppercased()
      // Web servers pass the header Proxy of a request to CGI scripts as HTTP_PROXY.
      if capitals == "HTTP_PROXY", environment["REQUEST_METHOD"] != nil { return nil }
      return environment[capitals].flatMap { $0.isEmpty ? nil : (capitals, $0) }
    }
    func proxy(_ name: String) throws(HubError) -> Proxy? {
      guard let found = variable(name) ?? variable("all_proxy") else { return nil }
      return try Proxy(found.value, from: found.name)
    }
    plain = try proxy("http_proxy")
    secure = try proxy("https_proxy")
    exceptions = ProxyExceptions(variable("no_proxy")?.value ?? "")
  }

  /// The proxy for a URL; nil for a direct connection.
  package func proxy(for url: URL) -> Proxy? {
    guard !exceptions.contain(url) else { return nil }
    return url.isSecure ? secure : plain
  }
}
