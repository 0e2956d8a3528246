import Synchronization

/// Sends the events of a stream, and a comment whenever it would be silent for too long.
package final class EventWriter: Sendable {
  private let writer: ResponseWriter
  private let spoken = Mutex(ContinuousClock.now)

  init(_ writer: ResponseWriter) { self.writer = writer }

  /// Sends an event, and waits until it fits in the socket's buffer.
  package func send(_ event: ServerSentEvent) async throws {
    try await writer.write(event.bytes)
    spoken.withLock { $0 = .now }
  }

  /// Sends comments during silences until the task is cancelled.
  func breakSilence(of time: Duration) async throws {
    while true {
      let end = spoken.withLock { $0 } + time
      if ContinuousClock.now >= end {
        try await send(.comment)
      } else {
        try await Task.sleep(until: end)
      }
    }
  }
}

extension HTTPResponse {
  /// A stream of events (`text/event-stream`).
  ///
  /// - Parameters:
  ///   - fields: Further fields of the response.
  ///   - isEndless: Whether it lasts as long as the server, and so ends at once when the server stops.
  ///   - heartbeat: The longest silence, after which a comment is sent.
  ///   - tell: Sends the events; its task is cancelled when the client leaves.
  package static func events(
    fields: HTTPFields = [:], isEndless: Bool, heartbeat: Duration,
    tell: @escaping @Sendable (EventWriter) async throws -> Void
  ) -> HTTPResponse {
    var fields = fields
    fields["Content-Type"] = "text/event-stream"
    if fields["Cache-Control"] == nil { fields["Cache-Control"] = "no-store" }
    let stream = Stream(isEndless: isEndless) { writer in
      let events = EventWriter(writer)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await events.breakSilence(of: heartbeat) }
        group.addTask { try await tell(events) }
        defer { group.cancelAll() }
        // Of the two tasks, only `tell` ends without throwing.
        try await group.next()
      }
    }
    return HTTPResponse(.ok, fields: fields, body: .stream(stream))
  }
}
