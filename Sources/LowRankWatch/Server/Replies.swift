import Foundation
import LowRankHTTP

/// Answers with the headers that all of them have.
enum Replies {
  static func json(_ data: Data, status: HTTPStatus = .ok) -> HTTPResponse {
    reply(status, type: "application/json", Array(data))
  }

  static func asset(_ asset: Asset) -> HTTPResponse {
    reply(.ok, type: asset.type, asset.bytes)
  }

  static func page() -> HTTPResponse {
    reply(.ok, type: "text/html; charset=utf-8", Asset.page)
  }

  /// A page that sets the cookie and goes on to the address without the token.
  ///
  /// A redirect would not do: where a link of another site led here, the browser would not send a strict cookie
  /// along it. From this page on the visit is our own.
  static func remembering(_ cookie: String, for address: String) -> HTTPResponse {
    let run = address.split(separator: "?", maxSplits: 1).last.flatMap { query in
      query.split(separator: "&").first { $0.hasPrefix("run=") }
    }
    let next = "/" + (run.map { "?\($0)" } ?? "")
    var response = html(
      .ok, title: "Opening",
      body: "<p><a href=\"\(next)\">Go on</a></p>",
      head: "<link rel=\"icon\" href=\"/icon.svg\">"
        + "<meta http-equiv=\"refresh\" content=\"0;url=\(next)\">")
    response.fields["Set-Cookie"] = cookie
    return response
  }

  static func failure(_ refusal: HTTPFailure, asPage: Bool = false) -> HTTPResponse {
    guard asPage else {
      let object = try? JSON.data(["error": refusal.reason])
      return json(object ?? Data("{}".utf8), status: refusal.status)
    }
    return html(
      refusal.status, title: refusal.status == .unauthorized ? "A token is needed" : "Not served",
      body: "<p>\(refusal.reason)</p>")
  }

  private static func html(
    _ status: HTTPStatus, title: String, body: String, head: String = ""
  ) -> HTTPResponse {
    let page = """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(title) · lowrank watch</title>\
      <meta name="viewport" content="width=device-width,initial-scale=1">\(head)\
      </head><body><main><h1>\(title)</h1>\(body)</main></body></html>
      """
    return reply(status, type: "text/html; charset=utf-8", Array(page.utf8))
  }

  private static func reply(_ status: HTTPStatus, type: String, _ bytes: [UInt8])
    -> HTTPResponse
  {
    var fields = fields
    fields["Content-Type"] = type
    return HTTPResponse(status, fields: fields, body: .bytes(bytes))
  }

  /// Nothing from elsewhere, nothing in the page itself, nothing kept.
  static let fields: HTTPFields = [
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
      + "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
  ]
}
