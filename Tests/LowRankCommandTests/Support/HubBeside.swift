import Foundation
import LowRankTestHub

/// A hub with the workshop's model, and the program beside it with a cache of its own.
struct HubBeside {
  static let name = "owner/tiny"
  let hub: TestHub
  let workshop: Workshop
  var home: URL { workshop.place("home") }

  /// Runs a test with a hub.
  static func run(_ body: (HubBeside) async throws -> Void) async throws {
    let workshop = try Workshop()
    try await TestHub.run { hub in
      try hub.add(name, folder: workshop.model)
      try await body(HubBeside(hub: hub, workshop: workshop))
    }
  }

  /// What the program is told of the hub; it may be slow beside other tests.
  var environment: [String: String] {
    [
      "HF_ENDPOINT": hub.url, "HF_HOME": home.path, "HF_HUB_OFFLINE": "0",
      "HF_HUB_ETAG_TIMEOUT": "300", "HF_HUB_DOWNLOAD_TIMEOUT": "300",
    ]
  }

  /// Runs the program; the thread that waits is none of those that the hub answers on.
  func lowrank(
    _ arguments: [String], shell prefix: String? = nil, _ more: [String: String] = [:]
  ) async throws -> Lowrank {
    try await Self.lowrank(arguments, shell: prefix, environment.merging(more) { $1 })
  }

  /// Runs the program in an environment.
  static func lowrank(
    _ arguments: [String], shell prefix: String? = nil, _ environment: [String: String]
  ) async throws -> Lowrank {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result { try Lowrank(arguments, shell: prefix, environment: environment) })
      }
    }
  }

  /// Runs the program and sends it a signal as soon as `wait` returns.
  func killing(
    _ arguments: [String], with signal: Int32, after wait: @escaping @Sendable () -> Void
  ) async throws -> Lowrank {
    let environment = environment
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let running = try Lowrank.Running(arguments, environment: environment)
            wait()
            kill(running.process.processIdentifier, signal)
            return try running.finish()
          })
      }
    }
  }

  /// The requests that brought bytes of a large file.
  var transfers: [LoggedRequest] { hub.log.filter { $0.path.hasPrefix("/_store") } }
}
