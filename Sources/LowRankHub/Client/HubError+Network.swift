import Foundation

/// Descriptions of network failures.
extension HubError {
  /// The reason why a connection failed.
  enum Obstacle {
    case unknownName
    /// The system's error message.
    case system(Int32)
    /// No connection was made within this number of seconds.
    case time(Int)
  }

  static func cut(_ host: String) -> Self {
    Self(.cut, "the connection to \(host) was lost: try again, the received part is kept")
  }

  /// The server, or the proxy if there is one, cannot be reached.
  static func unreachable(_ url: URL, _ obstacle: Obstacle, _ proxy: Proxy?) -> Self {
    let (reason, more) =
      switch obstacle {
      case .unknownName: ("the name is not known", "")
      case .time(let seconds):
        ("no connection within \(seconds) s", ", or raise HF_HUB_ETAG_TIMEOUT")
      case .system(let code):
        switch code {
        case ENETUNREACH, EHOSTUNREACH: ("there is no route to it", "")
        case ECONNREFUSED, 0: ("the connection is refused", "")
        default: (String(cString: strerror(code)).lowercased(), "")
        }
      }
    guard let proxy else {
      return Self(
        .unreachable,
        "\(url.hostText) cannot be reached, \(reason): check the network, HF_ENDPOINT and the proxy\(more)"
      )
    }
    return Self(
      .unreachable,
      "the proxy \(proxy.address) cannot be reached, \(reason): check \(proxy.variable), or name "
        + "\(url.host ?? "the hub") in NO_PROXY to do without it\(more)")
  }

  /// The proxy refuses to forward a request.
  static func refused(by proxy: Proxy, _ url: URL, status: Int?) -> Self {
    guard status != 407 else {
      return Self(
        .unreachable,
        "the proxy \(proxy.address) asks for a user and a password: set \(proxy.variable) to "
          + "\(proxy.scheme)://user:password@…, with those that it knows")
    }
    let said = status.map { " with status \($0)" } ?? ""
    return Self(
      .unreachable,
      "the proxy \(proxy.address) refuses to reach \(url.hostText)\(said): check \(proxy.variable), or name "
        + "\(url.host ?? "the hub") in NO_PROXY to do without it")
  }

  /// The reason why a certificate is not trusted.
  enum Distrust {
    case notYetValid
    case expired
    case otherHost
    case unknownSigner
  }

  /// The certificate of the server or the proxy is not trusted.
  static func distrusted(_ host: String, _ reason: Distrust, _ settings: HubSettings) -> Self {
    let variable = settings.certificates?.variable ?? "SSL_CERT_FILE"
    let sentence =
      switch reason {
      case .notYetValid:
        "the certificate of \(host) is not valid yet: check this machine's clock"
      case .expired:
        "the certificate of \(host) has expired: it needs a new one; check this machine's clock too"
      case .otherHost:
        "the certificate of \(host) is for another host: check HF_ENDPOINT, and which server answers for it"
      case .unknownSigner:
        "the certificate of \(host) is not trusted: if your network has its own certificate authority, set \(variable) "
          + "to a file with its certificate"
      }
    return Self(.certificate, sentence)
  }

  /// The certificates to trust cannot be read.
  static func unreadable(_ certificates: Certificates?) -> Self {
    guard let certificates else {
      return Self(
        .certificate,
        "this system has no certificates to trust: install ca-certificates, or set SSL_CERT_FILE")
    }
    return .badSetting(
      certificates.variable, certificates.file ?? certificates.folders ?? "",
      expected: "certificates in PEM form")
  }

  /// The server does not establish a TLS connection.
  static func noTLS(_ url: URL, _ text: String) -> Self {
    let isOther = ["wrong version number", "packet length too long", "http request"].contains {
      text.contains($0)
    }
    let reason = isOther ? "it does not speak TLS" : "it ends the TLS handshake (\(text))"
    return Self(
      .unreachable,
      "\(url.hostText) cannot be reached, \(reason): check HF_ENDPOINT, the network and the proxy")
  }
}
