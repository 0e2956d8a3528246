import CCurl
import Foundation

/// What libcurl reports about a transfer that failed.
struct TransferFailure {
  private let code: CURLcode
  private let url: URL
  private let settings: HubSettings
  private let proxy: Proxy?
  /// libcurl's own message.
  private let text: String
  /// The status with which a proxy answered CONNECT.
  private let proxyStatus: Int
  private let systemError: Int32
  /// OpenSSL's verification result for the certificate of the server, or else of the proxy.
  private let verdict: Int
  private let isProxysCertificate: Bool
  private let isConnected: Bool

  init(_ code: CURLcode, _ easy: CurlEasy, of transfer: Transfer) {
    self.code = code
    (url, settings, proxy) = (transfer.request.url, transfer.settings, transfer.proxy)
    text = easy.failureText
    proxyStatus = lr_curl_number(easy.handle, CURLINFO_HTTP_CONNECTCODE)
    systemError = Int32(truncatingIfNeeded: lr_curl_number(easy.handle, CURLINFO_OS_ERRNO))
    let ofProxy = lr_curl_number(easy.handle, CURLINFO_PROXY_SSL_VERIFYRESULT)
    verdict = ofProxy != 0 ? ofProxy : lr_curl_number(easy.handle, CURLINFO_SSL_VERIFYRESULT)
    isProxysCertificate = ofProxy != 0
    isConnected = easy.isConnected
  }

  /// The failure as an error with a message.
  var hubError: HubError {
    if let proxy, proxyStatus != 0, !(200..<300).contains(proxyStatus) {
      return .refused(by: proxy, url, status: proxyStatus)
    }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .unreachable(url, .unknownName, nil)
    case CURLE_COULDNT_RESOLVE_PROXY: return .unreachable(url, .unknownName, proxy)
    case CURLE_COULDNT_CONNECT: return .unreachable(url, .system(systemError), proxy)
    case CURLE_OPERATION_TIMEDOUT:
      return .unreachable(url, .time(settings.metadataTimeout), proxy)
    case CURLE_PROXY: return proxy.map { .refused(by: $0, url, status: nil) } ?? cut
    case CURLE_PEER_FAILED_VERIFICATION:
      let host = isProxysCertificate ? proxy?.address : nil
      return .distrusted(host ?? url.hostText, distrust, settings)
    case CURLE_SSL_CACERT_BADFILE: return .unreadable(settings.certificates)
    case CURLE_SSL_CONNECT_ERROR: return .noTLS(url, text)
    case CURLE_UNSUPPORTED_PROTOCOL: return .foreign(url.hostText, "a response that is not HTTP")
    case CURLE_NOT_BUILT_IN:
      return HubError(.malformed, "libcurl cannot do what is asked of it: \(text)")
    default:
      // A proxy that closes the connection during CONNECT refuses to forward the request.
      if let proxy, !isConnected { return .refused(by: proxy, url, status: nil) }
      return cut
    }
  }

  private var cut: HubError { .cut(url.hostText) }

  /// The reason why a certificate is not trusted.
  private var distrust: HubError.Distrust {
    // libcurl compares host names itself and has no code for a mismatch.
    if text.contains("subject name") { return .otherHost }
    // The values of OpenSSL's X509_V_ERR_….
    switch verdict {
    case 9: return .notYetValid
    case 10: return .expired
    case 62: return .otherHost
    default: return .unknownSigner
    }
  }
}
