/// The names of this machine that no other machine can use.
enum Loopback {
  /// Whether an address to listen on is reached from this machine alone.
  static func isAddress(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || isIPv4(host)
  }

  /// Whether a request's `Host` names this machine.
  ///
  /// A page of another site whose name was made to resolve to 127.0.0.1 still sends that name. Any port is right:
  /// tunnels bring their own.
  static func isAuthority(_ authority: String) -> Bool {
    let name =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
    return isAddress(name.lowercased())
  }

  private static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
