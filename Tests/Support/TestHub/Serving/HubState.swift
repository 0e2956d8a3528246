import Foundation
import Synchronization

/// All that the hub knows.
struct HubState: Sendable {
  var address = ""
  var repositories: [String: Repository] = [:]
  var renamed: [String: String] = [:]
  var tokens: [String: TestToken] = [:]
  /// Large files that were sent, by their SHA-256.
  var objects: [String: Data] = [:]
  /// The parts of large files that are being sent, by SHA-256 and number.
  var parts: [String: [Int: Data]] = [:]
  var faults = FaultBook()
  var log: [LoggedRequest] = []
  var settings = TestHub.Settings()

  /// The address of the store of large files.
  var store: String {
    settings.storeIsElsewhere ? address.replacing("127.0.0.1", with: "localhost") : address
  }
}

/// The state, shared by all requests.
final class HubStore: Sendable {
  private let state = Mutex(HubState())

  func with<Result: Sendable, Failure: Error>(
    _ body: (inout HubState) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try state.withLock { (state) throws(Failure) -> Result in try body(&state) }
  }
}
