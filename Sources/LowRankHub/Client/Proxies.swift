import Foundation

/// The proxies that the environment names, and the hosts that are asked without one.
struct Proxies: Sendable {
  /// A proxy that is spoken to in HTTP.
  struct Proxy: Hashable, Sendable {
    let host: String
    let port: Int
    let user: String?
    let password: String?
  }

  private let plain: Proxy?
  private let secure: Proxy?
  private let direct: [String]

  init(_ environment: [String: String]) {
    func variable(_ name: String) -> String? {
      [environment[name.lowercased()], environment[name]].compactMap { $0 }.first { !$0.isEmpty }
    }
    let all = variable("ALL_PROXY")
    plain = (variable("HTTP_PROXY") ?? all).flatMap(Self.proxy)
    secure = (variable("HTTPS_PROXY") ?? all).flatMap(Self.proxy)
    direct = (variable("NO_PROXY") ?? "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces).lowercased()
    }
  }

  /// The proxy to ask for an address; nil where it is asked itself.
  func proxy(for url: URL) -> Proxy? {
    let host = (url.host ?? "").lowercased()
    let isDirect = direct.contains { entry in
      let name = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
      return entry == "*" || host == name || host.hasSuffix(".\(name)")
        || "\(host):\(url.port ?? 0)" == entry
    }
    guard !isDirect else { return nil }
    return url.scheme?.lowercased() == "https" ? secure : plain
  }

  /// All of them.
  var all: Set<Proxy> { Set([plain, secure].compactMap { $0 }) }

  private static func proxy(_ text: String) -> Proxy? {
    guard let url = URL(string: text.contains("://") ? text : "http://\(text)"),
      let host = url.host, url.scheme?.lowercased() == "http"
    else { return nil }
    return Proxy(
      host: host, port: url.port ?? 80, user: url.user?.removingPercentEncoding,
      password: url.password?.removingPercentEncoding)
  }
}
