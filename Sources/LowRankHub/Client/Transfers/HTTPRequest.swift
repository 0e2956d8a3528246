import Foundation

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
  /// The seconds within which the answer must begin; a download may take as long as it does not stall.
  var answerTimeout: Int?
  /// Whether it gets a connection of its own, so that it is never sent twice: libcurl repeats what a connection that
  /// lay idle has swallowed.
  var needsFreshConnection = false
}

/// The bytes that a request sends.
struct RequestBody: Sendable {
  /// How many they are.
  let count: Int
  /// Opens them at their beginning; what it returns gives the next piece, and nil after the last.
  let open: @Sendable () throws -> () throws -> [UInt8]?

  /// Bytes in memory.
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

  /// Bytes that are read as they are sent.
  init(count: Int, open: @escaping @Sendable () throws -> () throws -> [UInt8]?) {
    (self.count, self.open) = (count, open)
  }
}
