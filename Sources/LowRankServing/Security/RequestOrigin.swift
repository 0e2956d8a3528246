import LowRankHTTP

/// Whether a request can come from a page of another site.
enum RequestOrigin {
  /// Refuses requests that a browser sends for another site's page, and names that were made to resolve to this machine.
  ///
  /// - Parameter isLocal: whether the server listens on loopback alone.
  /// - Throws: `HTTPFailure`.
  static func check(_ request: HTTPRequest, isLocal: Bool) throws(HTTPFailure) {
    if isLocal, !request.host.isEmpty, !isLoopback(request.host) {
      throw HTTPFailure(
        .misdirectedRequest,
        "The request names a host that is not this machine; a proxy before the server has to set Host to 127.0.0.1."
      )
    }
    guard let origin = request.fields["Origin"] else { return }
    let name = origin.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
    guard name == request.host else {
      throw HTTPFailure(
        .forbidden,
        "Requests from pages of other sites are refused; a proxy before the server has to clear Origin."
      )
    }
  }

  /// Whether an address is reached from this machine alone.
  static func isLoopback(_ authority: String) -> Bool {
    let name =
      authority.hasPrefix("[")
      ? String(authority.prefix { $0 != "]" }.dropFirst())
      : authority == "::1" ? authority : String(authority.prefix { $0 != ":" })
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return name.lowercased() == "localhost" || name == "::1"
      || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
