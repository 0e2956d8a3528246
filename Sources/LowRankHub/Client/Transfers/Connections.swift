import Foundation
import Synchronization

/// The connections of one task, which are reused and closed with it.
///
/// libcurl performs each request on a thread of its own. Concurrent requests do not share connections, because
/// several connections are faster than several streams in one.
final class Connections: Sendable {
  private struct State {
    var idle: [CurlSession] = []
    var busy: [ObjectIdentifier: ResponsePipe] = [:]
    var whenQuiet: CheckedContinuation<Void, Never>?
  }

  private let settings: HubSettings
  private let state = Mutex(State())

  private init(_ settings: HubSettings) { self.settings = settings }

  /// Provides connections and closes them afterwards.
  static func lent<Result>(
    _ settings: HubSettings, to work: (Connections) async throws -> Result
  ) async throws -> Result {
    try settings.certificates?.check()
    let connections = Connections(settings)
    do {
      let result = try await work(connections)
      await connections.close()
      return result
    } catch {
      await connections.close()
      throw error
    }
  }

  /// Sends a request and waits for the header of its response.
  ///
  /// - Throws: `HubError`; what reading the request's body throws; `CancellationError`.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let pipe = ResponsePipe()
    let body = ResponseBody(pipe)
    try start(request, into: pipe)
    return HTTPResponse(head: try await pipe.head(), body: body)
  }

  private func start(_ request: HTTPRequest, into pipe: ResponsePipe) throws(HubError) {
    guard request.headers.areLines else {
      throw .foreign(request.url.hostText, "invalid header fields")
    }
    guard let session = idle() ?? CurlSession() else {
      throw HubError(.cut, "there is no memory for a connection to \(request.url.hostText)")
    }
    pipe.begin(session)
    state.withLock { $0.busy[ObjectIdentifier(pipe)] = pipe }
    Thread.detachNewThread { [self] in
      let end = Transfer(request, settings, pipe).run(session)
      giveBack(session, of: pipe)
      pipe.finish(end)
    }
  }

  private func idle() -> CurlSession? { state.withLock { $0.idle.popLast() } }

  private func giveBack(_ session: CurlSession, of pipe: ResponsePipe) {
    state.withLock { state in
      state.busy[ObjectIdentifier(pipe)] = nil
      state.idle.append(session)
      guard state.busy.isEmpty else { return }
      state.whenQuiet?.resume()
      state.whenQuiet = nil
    }
  }

  /// Cancels the transfers in progress, and closes all connections.
  private func close() async {
    for pipe in state.withLock({ $0.busy.values.map(\.self) }) { pipe.cancel() }
    await withCheckedContinuation { continuation in
      state.withLock { state in
        guard !state.busy.isEmpty else { return continuation.resume() }
        state.whenQuiet = continuation
      }
    }
    // Close them outside the lock.
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    withExtendedLifetime(idle) {}
  }
}
