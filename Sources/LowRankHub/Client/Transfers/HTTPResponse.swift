/// The beginning of an answer; the rest comes as it is read.
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

/// The bytes of an answer, which arrive no faster than they are read.
///
/// Who lets go of it ends the transfer.
final class ResponseBody: Sendable {
  private let pipe: ResponsePipe

  init(_ pipe: ResponsePipe) { self.pipe = pipe }

  deinit { pipe.cancel() }

  /// The next bytes, as many as are there; nil after the last.
  ///
  /// - Throws: `HubError`, `CancellationError`.
  func next() async throws -> [UInt8]? { try await pipe.next() }

  /// All bytes, where they are no more than a limit.
  ///
  /// - Returns: nil where they are more.
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
