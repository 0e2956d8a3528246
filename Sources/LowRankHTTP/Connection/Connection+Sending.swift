extension Connection {
  /// Sends a response to its end.
  ///
  /// - Parameter watching: Whether a stream ends when the client leaves; not while it still sends its request.
  func send(_ outgoing: OutgoingResponse, watching: Bool) async throws {
    var head = outgoing.head
    switch outgoing.response.body {
    case .bytes(let bytes):
      guard case .length = outgoing.framing else { return try await send(head) }
      // A small body goes with its header.
      if bytes.count <= 1 << 16 {
        head += bytes
        return try await send(head)
      }
      try await send(head)
      try await send(bytes)
    case .stream(let stream):
      if case .none = outgoing.framing { return try await send(head) }
      if stream.isEndless { enter(.streaming) }
      // The server may have begun to end before this was known to be a stream.
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
          // The one that ends first decides; the watcher ends by throwing.
          try await group.next()
        } else {
          try await group.waitForAll()
        }
      }
    } catch let error as CancellationError {
      // A stream without an end of its own is whole wherever the server ends it.
      guard stream.isEndless else { throw error }
    }
    try await writer.finish()
  }
}
