import Foundation
import Synchronization

/// Work in tasks, which the main thread waits for.
package enum AsyncWork {
  /// Does the work and waits for it, or for the user to interrupt it.
  ///
  /// - Throws: `Interrupted` when it was interrupted, and what the work throws.
  package static func result<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let outcome = Outcome<Value>()
    let surroundings = Surroundings.current
    return try surroundings.whileWatching {
      let task = Task {
        do { outcome.set(.success(try await work())) } catch { outcome.set(.failure(error)) }
      }
      // The main thread is none of those on which tasks run.
      while true {
        if surroundings.isStopping() { task.cancel() }
        if let result = outcome.value {
          if surroundings.isStopping() { throw Interrupted() }
          return try result.get()
        }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let kept = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { kept.withLock { $0 } }

    func set(_ result: Result<Value, any Error>) { kept.withLock { $0 = result } }
  }
}
