import Synchronization

/// A port that passes everything on to another port, and counts it.
package final class Relay: Sendable {
  private let total: Counter
  private let listener: LoopbackListener

  /// Listens on 127.0.0.1, or on ::1, for a port of 127.0.0.1.
  package init(to port: Int, isIPv6: Bool = false) throws {
    let total = Counter()
    self.total = total
    listener = try LoopbackListener(isIPv6: isIPv6) { client in
      guard let server = try? LoopbackSocket(connectingTo: port) else { return }
      total.add(connections: 1)
      client.join(server) { total.add(bytes: $0) }
    }
  }

  package var port: Int { listener.port }
  /// The bytes that passed, in both directions.
  package var bytes: Int { total.bytes }
  /// The connections that were made.
  package var connections: Int { total.connections }

  package func stop() { listener.stop() }
}

/// Counts on any thread.
final class Counter: Sendable {
  private let counts = Mutex((bytes: 0, connections: 0))

  var bytes: Int { counts.withLock { $0.bytes } }
  var connections: Int { counts.withLock { $0.connections } }

  func add(bytes: Int = 0, connections: Int = 0) {
    counts.withLock { counts in
      counts.bytes += bytes
      counts.connections += connections
    }
  }
}
