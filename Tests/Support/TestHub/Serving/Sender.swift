import Foundation
import LowRankHTTP

/// Sends answers, in the manner that is asked for, and counts what was sent.
struct Sender: Sendable {
  let store: HubStore
  /// The request's place in the log.
  let entry: Int?

  /// The connection is to end here.
  private struct Cut: Error {}

  func response(to asked: Asked, _ answer: Answer) -> HTTPResponse {
    var fields = HTTPFields()
    for (name, value) in answer.fields { fields.append(name, value) }
    if fields["Content-Length"] == nil {
      fields["Content-Length"] = String(answer.manner.saidLength ?? answer.body.count)
    }
    return HTTPResponse(
      HTTPStatus(answer.status), fields: fields,
      body: .stream(.init { writer in try await write(answer, to: writer) }))
  }

  private func write(_ answer: Answer, to writer: ResponseWriter) async throws {
    let (body, manner) = (answer.body, answer.manner)
    let end = min(body.count, manner.stop?.bytes ?? body.count)
    var place = 0
    while place < end {
      let next = min(end, place + manner.chunk)
      let chunk = body[(body.startIndex + place)..<(body.startIndex + next)]
      try await writer.write(chunk)
      count(next - place)
      place = next
      if let pause = manner.pause, place < end { try await Task.sleep(for: .seconds(pause)) }
    }
    switch manner.stop?.then {
    case .close:
      // What was written is to arrive before the end does.
      try await Task.sleep(for: .milliseconds(50))
      throw Cut()
    case .silence(let seconds):
      try await Task.sleep(for: .seconds(seconds))
      throw Cut()
    case nil:
      // Where another length was said, the server ends the connection by itself.
      break
    }
  }

  private func count(_ bytes: Int) {
    guard let entry else { return }
    store.with { state in
      if state.log.indices.contains(entry) { state.log[entry].bytesSent += bytes }
    }
  }
}
