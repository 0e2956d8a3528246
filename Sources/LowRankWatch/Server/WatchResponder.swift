import HTTPTypes
import Hummingbird

/// Answers requests.
struct WatchResponder: HTTPResponder {
  let source: any RunSource
  let access: Access
  let digests: Digests
  let slots: StreamSlots
  let pace: EventPace

  func respond(to request: Request, context: WatchContext) async throws -> Response {
    let address = request.head.path ?? ""
    var response: Response
    do {
      response = try await answer(request, at: address, context)
    } catch let refusal as Refusal {
      let isPage = address == "/" || address.hasPrefix("/?")
      response = try Replies.refusal(refusal, asPage: isPage)
      if refusal.status == .methodNotAllowed { response.headers[.allow] = "GET, HEAD" }
      if refusal.status == .serviceUnavailable { response.headers[.retryAfter] = "5" }
      // What else a refused client sends is not read.
      response.headers[.connection] = "close"
    } catch {
      response = try Replies.refusal(
        Refusal(.internalServerError, "The runs cannot be read: \(error)."), asPage: false)
    }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(_ request: Request, at address: String, _ context: WatchContext) async throws
    -> Response
  {
    guard request.method == .get || request.method == .head else {
      throw Refusal(.methodNotAllowed, "Only GET and HEAD are answered.")
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
      let last = try request.headers[.lastEventID].map {
        try Query.place($0, of: "Last-Event-ID")
      }
      let stream = EventStream(source: source, run: id, after: last ?? after, pace: pace)
      return try stream.response(to: request, slots: slots, channel: context.channel)
    }
  }

  private func known(_ id: String) throws -> WatchedRun {
    guard let run = try source.run(id) else {
      throw Refusal(.notFound, "There is no run '\(id)'.")
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
