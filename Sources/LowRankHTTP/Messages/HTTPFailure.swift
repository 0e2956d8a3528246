/// An error that answers a request with a status and one sentence.
package struct HTTPFailure: Error, Sendable {
  package let status: HTTPStatus
  /// One sentence for the client.
  package let reason: String

  package init(_ status: HTTPStatus, _ reason: String) {
    (self.status, self.reason) = (status, reason)
  }

  /// A response with the sentence as plain text.
  package var response: HTTPResponse {
    HTTPResponse(
      status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .text(reason + "\n"))
  }
}
