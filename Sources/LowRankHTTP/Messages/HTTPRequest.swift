/// A request whose header has arrived; its body is read by whoever answers it.
package struct HTTPRequest: Sendable {
  package let method: String
  package let target: RequestTarget
  /// The host and port that were asked, from the target or the `Host` field; empty where HTTP/1.0 names none.
  package let host: String
  package let fields: HTTPFields
  package let body: RequestBody
}
