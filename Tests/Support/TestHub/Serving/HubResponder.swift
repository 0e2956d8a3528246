import Foundation
import LowRankHTTP

/// Answers requests, writes down each, and makes the faults that were asked for.
struct HubResponder: Sendable {
  let store: HubStore

  func respond(to request: HTTPRequest) async throws -> HTTPResponse {
    let target = try Target(request.target)
    let asked = Asked(
      method: request.method, target: target, fields: request.fields,
      body: try await request.body.collect())
    guard target.parts.first != "_test" else {
      return Sender(store: store, entry: nil).response(to: asked, try control(asked))
    }
    let entry = store.with { state in
      state.log.append(LoggedRequest(asked, host: request.host))
      return state.log.count - 1
    }
    let answer: Answer
    do {
      answer = try store.with { state in try Self.answer(asked, &state) }
    } catch let refusal as Refusal {
      answer = try refusal.answer()
    }
    store.with { state in
      if state.log.indices.contains(entry) { state.log[entry].status = answer.status }
    }
    return Sender(store: store, entry: entry).response(to: asked, answer)
  }

  private static func answer(_ asked: Asked, _ state: inout HubState) throws -> Answer {
    let path = asked.target.path
    if let fault = state.faults.take(
      asked.method, path, where: { !$0.isOfBytes && $0.kind != .lists })
    {
      if let answer = try fault.answer(to: asked, &state) { return answer }
    }
    switch asked.target.parts.first {
    case "api": return try Interface.answer(asked, &state)
    case "_store": return try FileStore.answer(asked, &state)
    default: return try FilePages.answer(asked, &state)
    }
  }
}

/// A request, read to its end.
struct Asked: Sendable {
  let method: String
  let target: Target
  let fields: HTTPFields
  let body: Data

  /// The token that came along.
  var token: String? {
    fields["Authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
  }

  /// The body's JSON object.
  func object() throws -> [String: Any] {
    guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
      throw Refusal(400, nil, "The body is not a JSON object")
    }
    return object
  }
}

extension LoggedRequest {
  init(_ asked: Asked, host: String) {
    self.init(
      method: asked.method, host: host, path: asked.target.path, query: asked.target.query,
      range: asked.fields["Range"], ifRange: asked.fields["If-Range"],
      hasAuthorization: asked.fields["Authorization"] != nil,
      userAgent: asked.fields["User-Agent"], bytesReceived: asked.body.count)
  }
}
