import Foundation

/// What the hub answers, before it is sent.
struct Answer: Sendable {
  var status: Int
  var fields: [(String, String)]
  var body: Data
  /// How the body is sent where that is not simply at once.
  var manner = Manner()

  /// How a body goes over the wire.
  struct Manner: Sendable {
    /// What `Content-Length` says, where that is not the truth.
    var saidLength: Int?
    var chunk = 1 << 16
    /// The rest between two chunks.
    var pause: Double?
    /// After so many bytes something happens.
    var stop: (bytes: Int, then: Ending)?
  }

  enum Ending: Sendable {
    case close
    case silence(seconds: Double)
  }

  init(_ status: Int, _ fields: [(String, String)] = [], body: Data = Data()) {
    (self.status, self.fields, self.body) = (status, fields, body)
  }

  /// JSON made of dictionaries, lists, strings and numbers.
  static func json(_ value: Any, status: Int = 200, _ fields: [(String, String)] = []) throws
    -> Answer
  {
    let data = try JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
    return Answer(
      status, [("Content-Type", "application/json; charset=utf-8")] + fields, body: data)
  }

  static func text(_ text: String, status: Int = 200, type: String = "text/plain") -> Answer {
    Answer(status, [("Content-Type", type + "; charset=utf-8")], body: Data(text.utf8))
  }

  static func redirect(to location: String, status: Int = 302, _ fields: [(String, String)] = [])
    -> Answer
  {
    Answer(
      status, [("Location", location), ("Content-Type", "text/plain; charset=utf-8")] + fields,
      body: Data("Found. Redirecting to \(location)".utf8))
  }
}

/// A request that is refused, as the hub refuses it.
struct Refusal: Error {
  let status: Int
  /// The hub's word for the reason, such as `RepoNotFound`.
  let code: String?
  let message: String
  var fields: [(String, String)] = []

  init(_ status: Int, _ code: String?, _ message: String, _ fields: [(String, String)] = []) {
    (self.status, self.code, self.message, self.fields) = (status, code, message, fields)
  }

  func answer() throws -> Answer {
    let code = code.map { [("X-Error-Code", $0)] } ?? []
    return try .json(
      ["error": message], status: status, code + [("X-Error-Message", message)] + fields)
  }
}
