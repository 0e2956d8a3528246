/// A request with a complete header; the handler reads its body.
package struct HTTPRequest: Sendable {
  package let method: String
  package let target: RequestTarget
  /// The requested host and port, from the target or the `Host` field; empty if an HTTP/1.0 request names none.
  package let host: String
  package let fields: HTTPFields
  package let body: RequestBody

  /// Does work that is cancelled when the client leaves; the whole body must have been read.
  ///
  /// - Throws: What the work throws, or what ends the connection.
  package func whileClientStays<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask {
        await body.reader.untilClientLeaves()
        try Task.checkCancellation()
        throw Socket.Failure.closed
      }
      group.addTask { try await work() }
      defer { group.cancelAll() }
      // The first task that ends decides; the watcher ends by throwing.
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }
}
