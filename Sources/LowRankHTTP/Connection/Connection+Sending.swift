extension Connection {
  /// Sends a complete response.
  ///
  /// - Parameter watching: Whether a stream ends when the client leaves; false while the client still sends its
  ///   request.
  func send(_ outgoing: OutgoingResponse, watching: Bool) async throws {
    var head = outgoing.head
    switch outgoing.response.body {
    case .bytes(let bytes):
      guard case .length = outgoing.framing else { return try await send(head) }
      // A small body is sent with its header.
      if bytes.count <= 1 << 16 {
        head += bytes
        return try await send(head)
      }
      try await send(head)
      try await send(bytes)
    case .stream(let stream):
      if case .none = outgoing.framing { return try await send(head) }
      if stream.isEndless { enter(.streaming) }
      // The server may have begun to stop before the response was known to be an endless stream.
      if stream.isEndless, isFinishing { throw CancellationError() }
      try await send(head)
      try await write(stream, ResponseWriter(outgoing, on: self), watching: watching)
    }
  }

  private func write(
    _ stream: HTTPResponse.Stream, _ writer: ResponseWriter, watching: Bool
  ) async throws {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        if watching {
          group.addTask {
            await self.untilClientLeaves()
            try Task.checkCancellation()
            throw Socket.Failure.closed
          }
        }
        group.addTask { try await stream.write(writer) }
        defer { group.cancelAll() }
        if watching {
          // The first task that ends decides; the watcher ends by throwing.
          try await group.next()
        } else {
          try await group.waitForAll()
        }
      }
    } catch let error as CancellationError {
      // An endless stream is complete wherever the server ends it.
      guard stream.isEndless else { throw error }
    }
    try await writer.finish()
  }
}
