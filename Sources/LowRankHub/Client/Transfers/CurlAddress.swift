import CCurl
import Foundation

/// The server of an address, as Foundation or libcurl reads it.
///
/// Foundation's reading decides who may see the token, libcurl's where it goes: an address that the two read differently
/// is not asked for.
struct CurlAddress: Equatable {
  private let scheme: String
  private let host: String
  private let port: Int

  /// Foundation's reading.
  init(_ url: URL) {
    scheme = (url.scheme ?? "").lowercased()
    host = Self.bare(url.host ?? "")
    port = url.portOrUsual
  }

  /// libcurl's reading.
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
