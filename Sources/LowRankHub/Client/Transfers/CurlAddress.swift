import CCurl
import Foundation

/// The server of a URL, as Foundation or libcurl parses it.
///
/// Foundation's result decides whether the request carries the token, libcurl's decides where the request goes. If
/// the two differ, the request is refused.
struct CurlAddress: Equatable {
  private let scheme: String
  private let host: String
  private let port: Int

  /// Parses a URL with Foundation.
  init(_ url: URL) {
    scheme = (url.scheme ?? "").lowercased()
    host = Self.bare(url.host ?? "")
    port = url.portOrUsual
  }

  /// Parses a URL with libcurl.
  init?(_ text: String) {
    guard let address = curl_url() else { return nil }
    defer { curl_url_cleanup(address) }
    guard curl_url_set(address, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: address),
      let host = Self.part(CURLUPART_HOST, of: address),
      let port = Self.part(CURLUPART_PORT, of: address).flatMap({ Int($0) })
    else { return nil }
    (self.scheme, self.host, self.port) = (scheme.lowercased(), Self.bare(host), port)
  }

  private static func part(_ part: CURLUPart, of address: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(address, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text
    else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  private static func bare(_ host: String) -> String {
    let host = host.lowercased()
    return host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }
}
