/// The status of a response.
package struct HTTPStatus: Hashable, Sendable {
  package let code: Int

  package init(_ code: Int) { self.code = code }

  package static let ok = HTTPStatus(200)
  package static let noContent = HTTPStatus(204)
  package static let badRequest = HTTPStatus(400)
  package static let unauthorized = HTTPStatus(401)
  package static let forbidden = HTTPStatus(403)
  package static let notFound = HTTPStatus(404)
  package static let methodNotAllowed = HTTPStatus(405)
  package static let requestTimeout = HTTPStatus(408)
  package static let contentTooLarge = HTTPStatus(413)
  package static let targetTooLong = HTTPStatus(414)
  package static let expectationFailed = HTTPStatus(417)
  package static let misdirectedRequest = HTTPStatus(421)
  package static let tooManyRequests = HTTPStatus(429)
  package static let headerTooLarge = HTTPStatus(431)
  package static let internalServerError = HTTPStatus(500)
  package static let notImplemented = HTTPStatus(501)
  package static let serviceUnavailable = HTTPStatus(503)
  package static let versionNotSupported = HTTPStatus(505)

  /// Whether a response with this status never has a body.
  var hasNoBody: Bool { code < 200 || code == 204 || code == 304 }

  /// The reason phrase, which clients ignore and people read.
  var reason: String { Self.reasons[code] ?? "" }

  private static let reasons = [
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
    206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
    412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
    415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
    421: "Misdirected Request", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  ]
}
