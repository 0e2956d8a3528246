/// A response with its header; the body is read as it arrives.
struct HTTPResponse: Sendable {
  struct Head: Sendable {
    var status = 0
    var headers: HTTPHeaders = [:]
  }

  let head: Head
  let body: ResponseBody

  var status: Int { head.status }
  var headers: HTTPHeaders { head.headers }
}

/// The body of a response, which arrives no faster than it is read.
///
/// Releasing it ends the transfer.
final class ResponseBody: Sendable {
  private let pipe: ResponsePipe

  init(_ pipe: ResponsePipe) { self.pipe = pipe }

  deinit { pipe.cancel() }

  /// The bytes that have arrived, once there are any; nil at the end.
  ///
  /// - Throws: `HubError`, `CancellationError`.
  func next() async throws -> [UInt8]? { try await pipe.next() }

  /// Reads the whole body, up to a limit.
  ///
  /// - Returns: nil if the body is longer.
  /// - Throws: `HubError`, `CancellationError`.
  func collected(upTo limit: Int) async throws -> [UInt8]? {
    var bytes: [UInt8] = []
    while let piece = try await next() {
      bytes += piece
      guard bytes.count <= limit else { return nil }
    }
    return bytes
  }
}
