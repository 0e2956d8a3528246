import CEpoll
import Foundation

/// An HTTP/1.1 server on sockets of its own.
///
/// It enforces limits and times itself, so it needs no proxy in front of it, except for TLS.
package struct HTTPServer: Sendable {
  /// Answers a request.
  ///
  /// An ``HTTPFailure`` that it throws is sent to the client; any other error becomes status 500.
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  private let configuration: Configuration
  private let handler: Handler

  package init(_ configuration: Configuration, handler: @escaping Handler) {
    (self.configuration, self.handler) = (configuration, handler)
  }

  /// Serves until the task is cancelled, then lets responses in progress finish.
  ///
  /// - Parameter ready: Called once, with the port.
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
    // Clients are waiting: the server's tasks come before other work of the process.
    let accepting = Task(priority: .high) {
      await accept(from: listener, on: loop, into: connections)
    }
    await withTaskCancellationHandler {
      await accepting.value
    } onCancel: {
      accepting.cancel()
    }
    listener.close()
    // A separate task, since this one is cancelled.
    let time = configuration.times.shutdown
    await Task(priority: .high) { await connections.end(within: time) }.value
  }

  private func unusable(_ error: SystemError) -> ListenError {
    .unusable(host: configuration.host, port: configuration.port, reason: error.reason)
  }

  /// The longest delay in noticing a deadline.
  private var tick: Duration {
    min(.milliseconds(250), max(.milliseconds(5), configuration.times.shortest / 8))
  }

  /// Accepts connections until the task is cancelled.
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
          // One accepted connection may wait here above the limit; further ones wait in the listening socket's queue.
          while connections.count >= configuration.limits.connections, !connections.makeRoom() {
            try await Task.sleep(for: .milliseconds(20))
          }
          connections.serve(Connection(try Socket(descriptor, on: loop), configuration), handler)
        } catch {
          close(descriptor)
          throw error
        }
      } catch let error as SystemError where !Self.isOver(error) {
        // A client left before its connection was accepted, or descriptors ran out: closing an idle connection frees
        // one.
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(error.number) {
          _ = connections.makeRoom()
          try? await Task.sleep(for: .milliseconds(50))
        }
      } catch {
        return
      }
    }
  }

  /// Whether the listening socket itself failed.
  private static func isOver(_ error: SystemError) -> Bool {
    [EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP].contains(error.number)
  }

  private func accept(from listener: Socket) throws -> Int32? {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    do {
      return try listener.attempt { Int(accept4($0, nil, nil, flags)) }.map { Int32($0) }
    } catch Socket.Failure.closed {
      // The client has left; the listening socket is still open.
      throw SystemError(number: ECONNABORTED)
    }
  }
}
