import LowRankHTTP

/// Who may read the page.
enum Access: Sendable {
  /// This machine's users.
  case loopback
  /// Who knows the token.
  case token(AccessToken, cookie: String)

  /// What a request gets before it is looked at further.
  enum Verdict {
    case open
    /// Right, and to be remembered by a cookie.
    case remember(cookie: String)
  }

  /// - Throws: ``HTTPFailure``.
  func verdict(on request: HTTPRequest) throws -> Verdict {
    switch self {
    case .loopback:
      guard Loopback.isAuthority(request.host) else {
        throw HTTPFailure(
          .misdirectedRequest, "This page is served only as localhost and 127.0.0.1.")
      }
      // Other sites' pages may lead here, but not ask for files or events: their browser says who asks.
      if !isPage(request), request.fields["Sec-Fetch-Site"] == "cross-site" {
        throw HTTPFailure(.forbidden, "Requests from other sites are refused.")
      }
      return .open
    case .token(let token, let cookie):
      if let offer = Self.offer(in: request.target.text), token.accepts(offer) {
        return .remember(
          cookie: "\(cookie)=\(token.text); Path=/; HttpOnly; SameSite=Strict")
      }
      let cookies = request.fields.values(of: "Cookie").flatMap { $0.split(separator: ";") }
      for pair in cookies {
        let parts = pair.drop(while: { $0 == " " }).split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == cookie, token.accepts(parts[1]) { return .open }
      }
      if let bearer = request.fields["Authorization"], bearer.hasPrefix("Bearer "),
        token.accepts(bearer.dropFirst(7))
      {
        return .open
      }
      throw HTTPFailure(
        .unauthorized,
        "Open the address with the token that lowrank watch printed, or the one of its token file.")
    }
  }

  private func isPage(_ request: HTTPRequest) -> Bool {
    let address = request.target.text
    return address == "/" || address.hasPrefix("/?")
  }

  /// The token in the address of the page.
  private static func offer(in address: String) -> Substring? {
    guard address.hasPrefix("/?") else { return nil }
    return address.dropFirst(2).split(separator: "&").first { $0.hasPrefix("token=") }?.dropFirst(6)
  }
}
