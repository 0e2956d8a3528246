import Foundation
import LowRankHTTP

/// What a client is told as it happens: `points` of a run, `run` when its state changes, `runs` when any does.
struct EventStream: Sendable {
  let source: any RunSource
  let run: String?
  let after: Int64
  let pace: EventPace

  /// The answer that does not end.
  ///
  /// - Throws: ``HTTPFailure`` if too many clients receive events already.
  func response(to request: HTTPRequest, slots: StreamSlots) throws -> HTTPResponse {
    let slot = request.method == "GET" ? slots.take() : nil
    guard slot != nil || request.method == "HEAD" else {
      throw HTTPFailure(
        .serviceUnavailable, "\(slots.limit) pages are open already: close one and try again.")
    }
    return .events(fields: Replies.fields, isEndless: true, heartbeat: pace.heartbeat) { events in
      defer { withExtendedLifetime(slot) {} }
      try await tell { try await events.send($0) }
    }
  }

  /// Tells what is new until the task is cancelled.
  private func tell(_ send: (ServerSentEvent) async throws -> Void) async throws {
    let clock = ContinuousClock()
    var place = after
    var (state, list): (WatchedRun?, RunList?) = (nil, nil)
    var looked: ContinuousClock.Instant?
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
        }
      }
      for event in news { try await send(event) }
      try await Task.sleep(for: pace.points)
    }
  }
}
