import Foundation
import LowRankProgress

/// A request, before it is sent.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
  }

  var method: Method = .get
  let url: URL
  var headers: HTTPHeaders = [:]
  var body: RequestBody?
  /// The seconds within which the response must begin; a download is only limited by stalling.
  var answerTimeout: Int?
  /// Whether it uses a new connection, so that it is never sent twice: libcurl repeats a request that an idle
  /// connection lost.
  var needsFreshConnection = false
}

/// The body of a request.
struct RequestBody: Sendable {
  /// The size of the body in bytes.
  let count: Int
  /// Opens the body at its beginning and returns a closure that returns the next piece, and nil at the end.
  let open: @Sendable () throws -> () throws -> [UInt8]?

  /// Creates a body from bytes in memory.
  init(_ bytes: [UInt8]) {
    count = bytes.count
    open = {
      var rest: [UInt8]? = bytes
      return {
        defer { rest = nil }
        return rest
      }
    }
  }

  /// Creates a body from bytes that are read as they are sent.
  init(count: Int, open: @escaping @Sendable () throws -> () throws -> [UInt8]?) {
    (self.count, self.open) = (count, open)
  }
}

extension RequestBody {
  /// The body, of which work counts the bytes that are handed to the network; each try begins at 0.
  func counted(by work: Work) -> RequestBody {
    let (count, open) = (count, open)
    return RequestBody(count: count) {
      let next = try open()
      work.update(done: 0, of: count)
      return {
        let piece = try next()
        work.advance(by: piece?.count ?? 0)
        return piece
      }
    }
  }
}
