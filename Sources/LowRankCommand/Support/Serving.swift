import Foundation
import Synchronization

/// Work that goes on until the user ends it.
enum Serving {
  /// Does the work, in tasks, and waits for the user to interrupt it or for it to fail.
  ///
  /// - Throws: `Interrupted` when it was interrupted, and what the work throws.
  static func untilInterrupted(_ work: @escaping @Sendable () async throws -> Void) throws {
    let outcome = Outcome()
    Interruption.watch()
    let task = Task {
      do {
        try await work()
        outcome.set(.success(()))
      } catch {
        outcome.set(.failure(error))
      }
    }
    // The main thread is none of those on which tasks run.
    while outcome.value == nil {
      if Interruption.isRequested { task.cancel() }
      Thread.sleep(forTimeInterval: 0.05)
    }
    if Interruption.isRequested { throw Interrupted() }
    try outcome.value?.get()
  }

  private final class Outcome: Sendable {
    private let kept = Mutex<Result<Void, any Error>?>(nil)

    var value: Result<Void, any Error>? { kept.withLock { $0 } }

    func set(_ result: Result<Void, any Error>) { kept.withLock { $0 = result } }
  }
}
