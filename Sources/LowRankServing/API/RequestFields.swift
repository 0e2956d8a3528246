import Foundation
import LowRank
import LowRankHTTP

/// The JSON object that a client sent.
struct RequestFields: JSONFields {
  let object: JSONObject
  let source = ""
  let path = ""

  /// Reads the body of a request, which may have some fields.
  ///
  /// - Throws: ``APIError``, and what reading the body throws.
  init(of request: HTTPRequest, upTo limit: Int, among known: Set<String>) async throws {
    let body = try await request.body.collect(upTo: limit)
    let value: JSONValue
    do { value = try JSONValue(parsing: body) } catch {
      throw APIError(.badRequest, "The body is not JSON: \(error.problem).")
    }
    guard let object = value.object else {
      throw APIError(.badRequest, "The body must be a JSON object, found \(value.kind).")
    }
    self.object = object
    try KnownFields.check(self, among: known)
  }

  init(_ object: JSONObject) { self.object = object }

  /// Refuses answers in another form than text.
  func requireTextFormat() throws {
    guard let format = try optionalObject("response_format"), try format.string("type") != "text"
    else { return }
    throw APIError.invalid("response_format", "Only the \"response_format\" text is supported.")
  }

  /// A number within bounds; nil where the key is absent or null.
  func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let number = try optionalDouble(key) else { return nil }
    guard range.contains(number) else {
      throw APIError.invalid(
        key, "\"\(key)\" is \(number), expected \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// An integer within bounds; nil where the key is absent or null.
  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let number = try optionalInteger(key) else { return nil }
    guard range.contains(number) else {
      throw APIError.invalid(
        key,
        "\"\(key)\" is \(number), expected "
          + (range.upperBound == Int.max
            ? "at least \(range.lowerBound)." : "\(range.lowerBound) to \(range.upperBound)."))
    }
    return number
  }

  /// A text, or a list of at most so many texts that are not empty.
  func texts(_ key: String, atMost limit: Int) throws -> [String] {
    guard let value = self[key], value != .null else { return [] }
    let texts: [String]
    if let text = value.string {
      texts = [text]
    } else if let list = value.array, list.allSatisfy({ $0.string != nil }) {
      texts = list.compactMap(\.string)
    } else {
      throw APIError.invalid(key, "\"\(key)\" must be a string or a list of strings.")
    }
    guard texts.count <= limit, texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1024 }) else {
      throw APIError.invalid(
        key, "\"\(key)\" must hold at most \(limit) strings of 1 to 1024 bytes.")
    }
    return texts
  }
}
