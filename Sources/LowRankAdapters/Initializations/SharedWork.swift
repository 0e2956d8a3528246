import Synchronization

/// What was worked out of statistics that several maps share, such as those of the inputs of queries, keys and values.
///
/// It lives as long as the statistics do.
public final class SharedWork: Sendable {
  private let values = Mutex<[String: any Sendable]>([:])

  /// Nothing yet.
  public init() {}

  /// What a name stands for, worked out at the first time.
  ///
  /// - Throws: what working it out throws; nothing is kept then.
  func value<Value: Sendable>(_ name: String, _ make: () throws -> Value) rethrows -> Value {
    if let known = values.withLock({ $0[name] as? Value }) { return known }
    let made = try make()
    values.withLock { $0[name] = made }
    return made
  }
}
