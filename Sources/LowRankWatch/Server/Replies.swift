import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers with the headers that all of them have.
enum Replies {
  static func json(_ data: Data, status: HTTPResponse.Status = .ok) -> Response {
    reply(status, type: "application/json", Array(data))
  }

  static func asset(_ asset: Asset) -> Response {
    reply(.ok, type: asset.type, asset.bytes)
  }

  static func page() -> Response {
    reply(.ok, type: "text/html; charset=utf-8", Asset.page)
  }

  /// A page that sets the cookie and goes on to the address without the token.
  ///
  /// A redirect would not do: where a link of another site led here, the browser would not send a strict cookie
  /// along it. From this page on the visit is our own.
  static func remembering(_ cookie: String, for address: String) -> Response {
    let run = address.split(separator: "?", maxSplits: 1).last.flatMap { query in
      query.split(separator: "&").first { $0.hasPrefix("run=") }
    }
    let next = "/" + (run.map { "?\($0)" } ?? "")
    var response = html(
      .ok, title: "Opening",
      body: "<p><a href=\"\(next)\">Go on</a></p>",
      head: "<meta http-equiv=\"refresh\" content=\"0;url=\(next)\">")
    response.headers[.setCookie] = cookie
    return response
  }

  static func refusal(_ refusal: Refusal, asPage: Bool) throws -> Response {
    guard asPage else {
      return json(try JSON.data(["error": refusal.reason]), status: refusal.status)
    }
    return html(
      refusal.status, title: refusal.status == .unauthorized ? "A token is needed" : "Not served",
      body: "<p>\(refusal.reason)</p>")
  }

  private static func html(
    _ status: HTTPResponse.Status, title: String, body: String, head: String = ""
  ) -> Response {
    let page = """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(title) · lowrank watch</title>\
      <meta name="viewport" content="width=device-width,initial-scale=1">\(head)\
      </head><body><main><h1>\(title)</h1>\(body)</main></body></html>
      """
    return reply(status, type: "text/html; charset=utf-8", Array(page.utf8))
  }

  private static func reply(_ status: HTTPResponse.Status, type: String, _ bytes: [UInt8])
    -> Response
  {
    var response = Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    response.headers[.contentType] = type
    return response
  }

  /// Nothing from elsewhere, nothing in the page itself, nothing kept.
  static let headers: HTTPFields = {
    var headers = HTTPFields()
    headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
      + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers[.xContentTypeOptions] = "nosniff"
    headers[.cacheControl] = "no-store"
    headers[.referrerPolicy] = "no-referrer"
    headers[.resourcePolicy] = "same-origin"
    headers[.openerPolicy] = "same-origin"
    headers[.frameOptions] = "DENY"
    return headers
  }()
}
