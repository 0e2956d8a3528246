import Foundation

/// An answer, before it is sent.
package struct HTTPResponse: Sendable {
  package var status: HTTPStatus
  package var fields: HTTPFields
  package var body: Body

  /// What follows the header.
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Bytes that are written as they come to be.
    ///
    /// Without a `Content-Length` among the fields they are sent in chunks. The closure's task is cancelled when the
    /// client leaves. What it throws ends the connection where it stands, so that the client sees a broken answer.
    case stream(Stream)

    package static func text(_ text: String) -> Body { .bytes(Array(text.utf8)) }
  }

  /// A body that is written as it comes to be.
  package struct Stream: Sendable {
    /// Whether it goes on for as long as the server does, and so ends at once when the server does.
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
