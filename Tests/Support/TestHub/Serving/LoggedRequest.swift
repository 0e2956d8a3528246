/// What was asked of the hub, and what it answered.
package struct LoggedRequest: Codable, Hashable, Sendable {
  package let method: String
  /// The host and port that were asked.
  package let host: String
  /// The path, without its percent signs.
  package let path: String
  package let query: String
  package let range: String?
  package let ifRange: String?
  package let hasAuthorization: Bool
  package let userAgent: String?
  package internal(set) var status = 0
  package internal(set) var bytesReceived = 0
  /// The bytes of the body that were sent.
  package internal(set) var bytesSent = 0
}
