import Synchronization

extension HTTPResponse {
  /// Calls a function once the body has been sent or given up: at once, unless it is sent while it is produced.
  package mutating func onEnd(_ tell: @escaping @Sendable () -> Void) {
    guard case .stream(let stream) = body else { return tell() }
    let end = End(tell)
    body = .stream(
      Stream(isEndless: stream.isEndless) { writer in
        defer { end.come() }
        try await stream.write(writer)
      })
  }

  /// The end of a body, which comes once, at the latest when nobody can send the body any more.
  private final class End: Sendable {
    private let tell: @Sendable () -> Void
    private let hasCome = Atomic(false)

    init(_ tell: @escaping @Sendable () -> Void) { self.tell = tell }

    deinit { come() }

    func come() {
      if !hasCome.exchange(true, ordering: .relaxed) { tell() }
    }
  }
}
