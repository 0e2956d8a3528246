import HTTPTypes

/// A request that is not answered with what it asks for.
struct Refusal: Error {
  let status: HTTPResponse.Status
  /// One sentence for whoever asked.
  let reason: String

  init(_ status: HTTPResponse.Status, _ reason: String) {
    (self.status, self.reason) = (status, reason)
  }
}
