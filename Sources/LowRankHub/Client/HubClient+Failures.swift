import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

extension HubClient {
  /// What a failure of the network means, in a sentence.
  func hubError(_ error: any Error, at url: URL) -> any Error {
    let host = url.hostText
    switch error {
    case is CancellationError, is HubError: return error
    case let error as HTTPClientError: return meaning(of: error, host)
    case is NIOSSLExtraError, is NIOSSLError: return certificate(host, error)
    case ChannelError.connectTimeout: return noConnection(host)
    case let error as NIOConnectionError:
      return unreachable(
        host,
        error.connectionErrors.isEmpty ? "the name is not known" : "the connection is refused")
    case let error as IOError where Self.refusals.contains(error.errnoCode):
      return unreachable(host, "the connection is refused")
    default: return cut(host)
    }
  }

  private static let refusals = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EACCES]

  private func meaning(of error: HTTPClientError, _ host: String) -> any Error {
    switch error {
    case .cancelled: CancellationError()
    case .readTimeout:
      HubError.stalled(
        host, seconds: settings.downloadTimeout, variable: "HF_HUB_DOWNLOAD_TIMEOUT")
    case .deadlineExceeded:
      HubError.stalled(host, seconds: settings.metadataTimeout, variable: "HF_HUB_ETAG_TIMEOUT")
    case .connectTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout,
      .tlsHandshakeTimeout:
      noConnection(host)
    case .proxyAuthenticationRequired, .invalidProxyResponse:
      HubError(
        .unreachable,
        "the proxy refuses to reach \(host): check HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    default: cut(host)
    }
  }

  private func cut(_ host: String) -> HubError {
    HubError(.cut, "the connection to \(host) broke: try again, what came is kept")
  }

  private func noConnection(_ host: String) -> HubError {
    unreachable(host, "no connection within \(settings.metadataTimeout) s")
  }

  private func unreachable(_ host: String, _ reason: String) -> HubError {
    HubError(
      .unreachable,
      "\(host) cannot be reached, \(reason): check the network, HF_ENDPOINT and the proxy")
  }

  private func certificate(_ host: String, _ error: any Error) -> HubError {
    // A connection that ends without the goodbye of TLS is only cut.
    if case NIOSSLError.uncleanShutdown = error {
      return cut(host)
    }
    guard error is NIOSSLExtraError || "\(error)".contains("CERTIFICATE") else {
      return unreachable(host, "it does not speak TLS")
    }
    return HubError(
      .certificate,
      "the certificate of \(host) is not trusted: set SSL_CERT_FILE where your network has one of its own"
    )
  }
}
