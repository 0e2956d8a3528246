/// How often, and after what waits, something that may pass is tried.
struct RetryPolicy {
  private let attempts: Int
  private let firstDelay: Double
  private var failures = 0

  /// Nobody waits longer than this for one try, in seconds.
  private static let longest = 60

  init(_ settings: HubSettings, attempts: Int? = nil) {
    self.attempts = attempts ?? settings.attempts
    firstDelay = settings.firstDelay
  }

  /// Waits for the next try, or throws what went wrong where there is none.
  ///
  /// - Parameter advanced: whether the try that failed brought what makes the next one shorter.
  mutating func wait(after error: HubError, advanced: Bool = false) async throws {
    failures = advanced ? 1 : failures + 1
    guard error.mayPass, failures < attempts, (error.delay ?? 0) <= Self.longest else {
      throw error
    }
    let wanted = error.delay.map(Double.init) ?? 0
    let own = firstDelay * Double(1 << min(failures - 1, 6)) * Double.random(in: 1...1.25)
    try await Task.sleep(for: .seconds(max(wanted, own)))
  }

  /// Tries until it works, or waiting is no use; a hub that cannot be reached at all is not waited for.
  static func trying<Result>(
    _ settings: HubSettings, attempts: Int, _ work: () async throws -> Result
  ) async throws -> Result {
    var policy = RetryPolicy(settings, attempts: attempts)
    while true {
      do { return try await work() } catch let error as HubError where error.kind != .unreachable {
        try await policy.wait(after: error)
      }
    }
  }
}
