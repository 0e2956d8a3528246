import Foundation
import LowRankHTTP

/// A file of the page, which is part of the program.
struct PageAsset: Sendable {
  let type: String
  let bytes: [UInt8]

  /// The files by their addresses.
  static let all: [String: PageAsset] = [
    "/": PageAsset(type: "text/html; charset=utf-8", bytes: PackageResources.page_html),
    "/page.js": .script(PackageResources.page_js),
    "/server.js": .script(PackageResources.server_js),
    "/generate.js": .script(PackageResources.generate_js),
    "/encode.js": .script(PackageResources.encode_js),
    "/page.css": PageAsset(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
  ]

  private static func script(_ bytes: [UInt8]) -> PageAsset {
    PageAsset(type: "text/javascript; charset=utf-8", bytes: bytes)
  }

  /// Nothing from elsewhere, nothing in the page itself, nothing kept.
  var response: HTTPResponse {
    HTTPResponse(
      .ok,
      fields: [
        "Content-Type": type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
          + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      ], body: .bytes(bytes))
  }
}
