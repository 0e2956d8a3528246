import CEpoll
import Foundation

/// A server of HTTP/1.1 on sockets of its own.
///
/// Limits and times are enforced here, so it needs no proxy before it; TLS is left to one.
package struct HTTPServer: Sendable {
  /// Answers a request.
  ///
  /// What it throws as ``HTTPFailure`` is told to the client; any other error is a status 500.
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  private let configuration: Configuration
  private let handler: Handler

  package init(_ configuration: Configuration, handler: @escaping Handler) {
    (self.configuration, self.handler) = (configuration, handler)
  }

  /// Serves until the task is cancelled, then lets responses under way finish.
  ///
  /// - Parameter ready: Called once, with the port that is listened on.
  /// - Throws: ``ListenError``.
  package func run(ready: @Sendable (_ port: Int) -> Void) async throws {
    let (descriptor, port) = try Listener.open(host: configuration.host, port: configuration.port)
    let listener: Socket
    let loop: EventLoop
    do {
      loop = try EventLoop(tick: tick)
    } catch let error as SystemError {
      close(descriptor)
      throw unusable(error)
    }
    defer { loop.stop() }
    do { listener = try Socket(descriptor, on: loop) } catch let error as SystemError {
      close(descriptor)
      throw unusable(error)
    }
    let connections = Connections()
    ready(port)
    await accept(from: listener, on: loop, into: connections)
    listener.close()
    // A task of its own, since this one is cancelled.
    let time = configuration.times.shutdown
    await Task { await connections.end(within: time) }.value
  }

  private func unusable(_ error: SystemError) -> ListenError {
    .unusable(host: configuration.host, port: configuration.port, reason: error.reason)
  }

  /// How late a deadline may be noticed.
  private var tick: Duration {
    min(.milliseconds(250), max(.milliseconds(5), configuration.times.shortest / 8))
  }

  /// Takes connections until the task is cancelled.
  private func accept(from listener: Socket, on loop: EventLoop, into connections: Connections)
    async
  {
    while !Task.isCancelled {
      do {
        guard let descriptor = try accept(from: listener) else {
          try await listener.wait(for: .reading)
          continue
        }
        do {
          // One more than may be served waits here, the others before the listening socket.
          while connections.count >= configuration.limits.connections, !connections.makeRoom() {
            try await Task.sleep(for: .milliseconds(20))
          }
          connections.serve(Connection(try Socket(descriptor, on: loop), configuration), handler)
        } catch {
          close(descriptor)
          throw error
        }
      } catch let error as SystemError where !Self.isOver(error) {
        // One client left before it was taken, or descriptors ran out: one that waits gives its own.
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(error.number) {
          _ = connections.makeRoom()
          try? await Task.sleep(for: .milliseconds(50))
        }
      } catch {
        return
      }
    }
  }

  /// Whether the listening socket itself is of no more use.
  private static func isOver(_ error: SystemError) -> Bool {
    [EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP].contains(error.number)
  }

  private func accept(from listener: Socket) throws -> Int32? {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    do {
      return try listener.attempt { Int(accept4($0, nil, nil, flags)) }.map { Int32($0) }
    } catch Socket.Failure.closed {
      // A client that has left; the listening socket itself is open here.
      throw SystemError(number: ECONNABORTED)
    }
  }
}
