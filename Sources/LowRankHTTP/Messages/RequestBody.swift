import Foundation

/// The body of a request, which is read as it arrives.
///
/// One task reads it, once. If a part remains unread, the connection ends after the response.
package struct RequestBody: Sendable {
  let reader: BodyReader

  /// The next bytes, or nil at the end.
  ///
  /// - Throws: ``HTTPFailure`` if the body is too large (413), too slow (408) or wrongly framed (400), and what ends
  ///   the connection.
  package func next() async throws -> [UInt8]? { try await reader.next() }

  /// Reads the whole body.
  ///
  /// - Throws: The errors of ``next()``, and status 413 for a body above the caller's own limit.
  package func collect(upTo limit: Int? = nil) async throws -> Data {
    var all = Data()
    while let bytes = try await next() {
      all.append(contentsOf: bytes)
      if let limit, all.count > limit { throw BodyReader.tooLarge(limit) }
    }
    return all
  }
}
