import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

extension HubClient {
  /// What a failure of the network means, in a sentence.
  func hubError(_ error: any Error, at url: URL, isLong: Bool) -> any Error {
    let host = url.hostText
    switch error {
    case is CancellationError, HTTPClientError.cancelled: return CancellationError()
    case is HubError: return error
    case HTTPClientError.readTimeout, HTTPClientError.deadlineExceeded:
      return isLong
        ? HubError.stalled(
          host, seconds: settings.downloadTimeout, variable: "HF_HUB_DOWNLOAD_TIMEOUT")
        : HubError.stalled(
          host, seconds: settings.metadataTimeout, variable: "HF_HUB_ETAG_TIMEOUT")
    case HTTPClientError.connectTimeout, HTTPClientError.getConnectionFromPoolTimeout,
      HTTPClientError.httpProxyHandshakeTimeout, HTTPClientError.tlsHandshakeTimeout:
      return unreachable(host, "no connection within \(settings.metadataTimeout) s")
    case HTTPClientError.proxyAuthenticationRequired, HTTPClientError.invalidProxyResponse:
      return HubError(
        .unreachable,
        "the proxy refuses to reach \(host): check HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    case is NIOSSLExtraError, is NIOSSLError: return certificate(host, error)
    case let error as NIOConnectionError:
      return unreachable(
        host, error.connectionErrors.isEmpty ? "the name is not known" : "the connection is refused"
      )
    default:
      return HubError(.cut, "the connection to \(host) broke: try again, what came is kept")
    }
  }

  private func unreachable(_ host: String, _ reason: String) -> HubError {
    HubError(
      .unreachable,
      "\(host) cannot be reached, \(reason): check the network, HF_ENDPOINT and the proxy")
  }

  private func certificate(_ host: String, _ error: any Error) -> HubError {
    // A connection that ends without the goodbye of TLS is only cut.
    if case NIOSSLError.uncleanShutdown = error {
      return HubError(.cut, "the connection to \(host) broke: try again, what came is kept")
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
