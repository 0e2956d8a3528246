import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What a client is told as it happens: `points` of a run, `run` when its state changes, `runs` when any does.
struct EventStream: Sendable {
  let source: any RunSource
  let run: String?
  let after: Int64
  let pace: EventPace

  /// The answer that does not end.
  ///
  /// - Throws: ``Refusal`` if too many clients are being told already.
  func response(to request: Request, slots: StreamSlots, channel: any Channel) throws -> Response {
    var headers = Replies.headers
    headers[.contentType] = "text/event-stream"
    guard request.method == .get else { return Response(status: .ok, headers: headers) }
    guard let slot = slots.take() else {
      throw Refusal(
        .serviceUnavailable, "\(slots.limit) pages are open already: close one and try again.")
    }
    let body = ResponseBody { writer in
      defer { withExtendedLifetime(slot) {} }
      try await request.body.consumeWithCancellationOnInboundClose { _ in
        let patience = Patience(pace.patience) { channel.close(promise: nil) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await patience.watch() }
          defer { group.cancelAll() }
          try await tell { event in
            patience.begin()
            try await writer.write(event.buffer)
            patience.end()
          }
        }
      }
    }
    return Response(status: .ok, headers: headers, body: body)
  }

  /// Tells what is new until the task is cancelled.
  private func tell(_ send: (ServerSentEvent) async throws -> Void) async throws {
    let clock = ContinuousClock()
    var place = after
    var (state, list): (WatchedRun?, RunList?) = (nil, nil)
    var (looked, spoke): (ContinuousClock.Instant?, ContinuousClock.Instant) = (nil, clock.now)
    try await send(.retry(milliseconds: 2000))
    while true {
      // The state is read before the points, so that a run is not called finished before its last points are sent.
      var news: [ServerSentEvent] = []
      if looked.map({ clock.now - $0 >= pace.runs }) ?? true {
        looked = clock.now
        let runs = RunList(try source.runs())
        if runs != list {
          list = runs
          news.append(.event(name: "runs", id: nil, data: try JSON.data(runs)))
        }
      }
      if let run, let now = try source.run(run), now != state {
        state = now
        news.append(.event(name: "run", id: nil, data: try JSON.data(now)))
      }
      if let run {
        var hasMore = true
        while hasMore {
          let points = try source.points(of: run, after: place, limit: PointPage.limit)
          guard !points.isEmpty else { break }
          let page = PointPage(points, after: place)
          (place, hasMore) = (page.cursor, page.more)
          try await send(.event(name: "points", id: place, data: try JSON.data(page)))
          spoke = clock.now
        }
      }
      for event in news {
        try await send(event)
        spoke = clock.now
      }
      if clock.now - spoke >= pace.heartbeat {
        try await send(.comment)
        spoke = clock.now
      }
      try await Task.sleep(for: pace.points)
    }
  }
}
