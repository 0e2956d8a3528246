/// A request that gets a status and one sentence in place of what it asks for.
package struct HTTPFailure: Error, Sendable {
  package let status: HTTPStatus
  /// One sentence for whoever asked.
  package let reason: String

  package init(_ status: HTTPStatus, _ reason: String) {
    (self.status, self.reason) = (status, reason)
  }

  /// The sentence as plain text.
  package var response: HTTPResponse {
    HTTPResponse(
      status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .text(reason + "\n"))
  }
}
