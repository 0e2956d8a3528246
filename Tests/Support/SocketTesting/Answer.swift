import Foundation

/// An answer of the server.
package struct Answer: Sendable {
  package let status: Int
  package let headers: [String: String]
  package let body: String

  package init(_ text: String) throws {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = parts[0].split(separator: "\r\n")
    guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else {
      throw Conversation.Failure(text: "no answer: \(text)")
    }
    self.status = status
    headers = Dictionary(
      lines.dropFirst().map { line in
        let pair = line.split(separator: ":", maxSplits: 1)
        return (pair[0].lowercased(), pair[1].trimmingCharacters(in: .whitespaces))
      }, uniquingKeysWith: { "\($0)\n\($1)" })
    body = parts.count > 1 ? String(parts[1]) : ""
  }

  /// The body as JSON.
  package func json() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(body.utf8))
    guard let object = object as? [String: Any] else {
      throw Conversation.Failure(text: "not an object: \(body)")
    }
    return object
  }
}
