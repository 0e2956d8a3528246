import Foundation

/// The hosts of `no_proxy`, which are reached without a proxy.
struct ProxyExceptions: Sendable {
  private enum Exception: Sendable {
    case everything
    /// A host and its subdomains, at one port or at any.
    case host(String, port: Int?)
    /// The addresses with this prefix.
    case network([UInt8], bits: Int)
  }

  private let exceptions: [Exception]

  /// Parses a list separated by commas: names, also as `.name` or `*.name`, `name:port`, addresses, `address/bits`,
  /// or `*`.
  init(_ list: String) {
    exceptions = list.split(separator: ",").compactMap { entry in
      Self.exception(entry.trimmingCharacters(in: .whitespaces).lowercased())
    }
  }

  /// Whether a URL's host matches the list.
  func contain(_ url: URL) -> Bool {
    let host = Self.bare((url.host ?? "").lowercased())
    let address = Self.address(host)
    return exceptions.contains { exception in
      switch exception {
      case .everything: true
      case .host(let name, let port):
        (host == name || address == nil && host.hasSuffix(".\(name)"))
          && port ?? url.portOrUsual == url.portOrUsual
      case .network(let network, let bits):
        address.map { Self.starts($0, with: network, bits: bits) } ?? false
      }
    }
  }

  private static func exception(_ entry: String) -> Exception? {
    if entry == "*" { return .everything }
    let parts = entry.split(separator: "/", maxSplits: 1)
    if parts.count == 2, let network = address(bare(String(parts[0]))), let bits = Int(parts[1]),
      (0...network.count * 8).contains(bits)
    {
      return .network(network, bits: bits)
    }
    var (name, port) = (entry, Int?.none)
    let isAddress = address(bare(entry)) != nil
    if !isAddress, let colon = entry.lastIndex(of: ":"),
      let number = Int(entry[entry.index(after: colon)...])
    {
      (name, port) = (String(entry[..<colon]), number)
    }
    if name.hasPrefix("*.") { name.removeFirst() }
    if name.hasPrefix(".") { name.removeFirst() }
    return name.isEmpty ? nil : .host(bare(name), port: port)
  }

  /// A host without the brackets that enclose IPv6 addresses in URLs.
  private static func bare(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }

  /// The bytes of an IPv4 or IPv6 address.
  private static func address(_ text: String) -> [UInt8]? {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }

  private static func starts(_ address: [UInt8], with network: [UInt8], bits: Int) -> Bool {
    guard address.count == network.count else { return false }
    return zip(address, network).enumerated().allSatisfy { index, pair in
      let count = min(max(bits - index * 8, 0), 8)
      return (pair.0 ^ pair.1) >> UInt8(8 - count) == 0
    }
  }
}
