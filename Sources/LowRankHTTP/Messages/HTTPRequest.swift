/// A request with a complete header; the handler reads its body.
package struct HTTPRequest: Sendable {
  package let method: String
  package let target: RequestTarget
  /// The requested host and port, from the target or the `Host` field; empty if an HTTP/1.0 request names none.
  package let host: String
  package let fields: HTTPFields
  package let body: RequestBody
}
