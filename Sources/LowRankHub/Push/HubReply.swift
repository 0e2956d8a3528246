import Foundation
import LowRankCheckpoints

/// What the hub, or a store, answers to what it was sent.
struct HubReply {
  let status: Int
  let headers: HTTPHeaders
  let bytes: [UInt8]
  let url: URL

  /// The hub's own words for a refusal.
  var reason: String {
    headers["X-Error-Message"]
      ?? (try? JSONValue(parsing: bytes).object?["error"]?.string) ?? ""
  }

  /// The body's object.
  ///
  /// - Throws: `HubError` where it is none.
  func object() throws(HubError) -> JSONSection {
    guard let object = try? JSONValue(parsing: bytes).object else {
      throw .foreign(url.hostText, "what is not a JSON object")
    }
    return JSONSection(object, of: url.hostText)
  }

  /// Reads fields of the body's object.
  ///
  /// - Throws: `HubError` where they are not what a hub says.
  func read<Value>(_ body: (JSONSection) throws -> Value) throws -> Value {
    let object = try object()
    do { return try body(object) } catch let error as JSONError {
      throw HubError.foreign(url.hostText, "an incomplete answer (\(error.problem))")
    }
  }

  /// Throws what a status that is none of success means.
  ///
  /// - Parameter what: what was to be stored, for a sentence.
  func check(_ id: String, _ hub: String, sending what: String = "it") throws {
    switch status {
    case 200..<300: return
    case 401: throw PushError.refusedToken(hub: hub)
    case 402, 413, 507: throw PushError.tooLarge(what: what, reason: reason)
    case 403: throw PushError.forbidden(id: id, reason: reason)
    case 429: throw HubError.limited(url.hostText, delay: headers.delay)
    case 408, 500...:
      throw HubError.failing(url.hostText, status: status, delay: headers.delay)
    default: throw PushError.refused(id: id, status: status, reason: reason)
    }
  }
}
