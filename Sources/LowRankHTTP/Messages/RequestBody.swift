import Foundation

/// The body of a request, which is read as it arrives.
///
/// One task reads it, once. What is left unread ends the connection behind the response.
package struct RequestBody: Sendable {
  let reader: BodyReader

  /// The next bytes, or nil at the end.
  ///
  /// - Throws: ``HTTPFailure`` if the body is too large (413), too slow (408) or wrongly framed (400), and what ends
  ///   the connection.
  package func next() async throws -> [UInt8]? { try await reader.next() }

  /// All of it.
  ///
  /// - Throws: As ``next()``, and 413 of a body that is larger than a limit of the caller's own.
  package func collect(upTo limit: Int? = nil) async throws -> Data {
    var all = Data()
    while let bytes = try await next() {
      all.append(contentsOf: bytes)
      if let limit, all.count > limit { throw BodyReader.tooLarge(limit) }
    }
    return all
  }
}
