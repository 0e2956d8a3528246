import Foundation

/// A response, before it is sent.
package struct HTTPResponse: Sendable {
  package var status: HTTPStatus
  package var fields: HTTPFields
  package var body: Body

  /// The body.
  package enum Body: Sendable {
    case bytes([UInt8])
    /// A body that is sent while it is produced.
    ///
    /// Without a `Content-Length` field, it is sent in chunks. The closure's task is cancelled when the client
    /// leaves. An error that the closure throws ends the connection, so that the client sees an incomplete response.
    case stream(Stream)

    package static func text(_ text: String) -> Body { .bytes(Array(text.utf8)) }
  }

  /// A body that is sent while it is produced.
  package struct Stream: Sendable {
    /// Whether it lasts as long as the server, and so ends at once when the server stops.
    let isEndless: Bool
    let write: @Sendable (ResponseWriter) async throws -> Void

    package init(
      isEndless: Bool = false, write: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) {
      (self.isEndless, self.write) = (isEndless, write)
    }
  }

  package init(_ status: HTTPStatus, fields: HTTPFields = [:], body: Body = .bytes([])) {
    (self.status, self.fields, self.body) = (status, fields, body)
  }
}
