import Foundation
import LowRankHTTP

/// A file of the page, which is part of the program.
struct PageAsset: Sendable {
  let type: String
  let bytes: [UInt8]

  /// The files by their addresses.
  static let all: [String: PageAsset] = [
    "/": PageAsset(type: "text/html; charset=utf-8", bytes: PackageResources.page_html),
    "/page.js": PageAsset(type: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
    "/page.css": PageAsset(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
  ]

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
