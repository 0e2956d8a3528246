import Synchronization

/// How many requests were answered with which status.
final class RequestCounts: Sendable {
  struct Kind: Hashable, Sendable {
    let endpoint: String
    let status: Int
  }

  private let counts = Mutex<[Kind: Int]>([:])

  func add(_ endpoint: String, status: Int) {
    counts.withLock { $0[Kind(endpoint: endpoint, status: status), default: 0] += 1 }
  }

  var all: [Kind: Int] { counts.withLock { $0 } }
}
