import LowRankHTTP

/// Answers requests.
struct WatchResponder: Sendable {
  let source: any RunSource
  let access: Access
  let digests: Digests
  let slots: StreamSlots
  let pace: EventPace

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let address = request.target.text
    do {
      return try await answer(request, at: address)
    } catch let failure as HTTPFailure {
      let isPage = address == "/" || address.hasPrefix("/?")
      var response = Replies.failure(failure, asPage: isPage)
      if failure.status == .methodNotAllowed { response.fields["Allow"] = "GET, HEAD" }
      if failure.status == .serviceUnavailable { response.fields["Retry-After"] = "5" }
      // What else a refused client sends is not read.
      response.fields["Connection"] = "close"
      return response
    } catch {
      return Replies.failure(
        HTTPFailure(.internalServerError, "The runs cannot be read: \(error)."))
    }
  }

  private func answer(_ request: HTTPRequest, at address: String) async throws -> HTTPResponse {
    guard request.method == "GET" || request.method == "HEAD" else {
      throw HTTPFailure(.methodNotAllowed, "Only GET and HEAD are answered.")
    }
    let verdict = try access.verdict(on: request)
    let route = try Route(address)
    if case .remember(let cookie) = verdict, route == .page {
      return Replies.remembering(cookie, for: address)
    }
    switch route {
    case .page: return Replies.page()
    case .asset(let asset): return Replies.asset(asset)
    case .runs: return Replies.json(try JSON.data(RunList(try source.runs())))
    case .run(let id): return Replies.json(try JSON.data(try known(id)))
    case .points(let id, nil):
      _ = try known(id)
      return Replies.json(try await digests.json(of: id))
    case .points(let id, .some(let place)):
      _ = try known(id)
      let points = try source.points(of: id, after: place, limit: PointPage.limit)
      return Replies.json(try JSON.data(PointPage(points, after: place)))
    case .events(let id, let after):
      if let id { _ = try known(id) }
      let last = try request.fields["Last-Event-ID"].map {
        try Query.place($0, of: "Last-Event-ID")
      }
      let stream = EventStream(source: source, run: id, after: last ?? after, pace: pace)
      return try stream.response(to: request, slots: slots)
    }
  }

  private func known(_ id: String) throws -> WatchedRun {
    guard let run = try source.run(id) else {
      throw HTTPFailure(.notFound, "There is no run '\(id)'.")
    }
    return run
  }
}

/// The latest runs in short, as clients are sent them.
struct RunList: Encodable, Equatable {
  static let limit = 100

  let runs: [WatchedRun]

  init(_ runs: [WatchedRun]) { self.runs = runs.prefix(Self.limit).map(\.inShort) }
}
