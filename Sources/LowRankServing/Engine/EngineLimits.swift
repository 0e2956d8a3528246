/// What the engine may take at once.
public struct EngineLimits: Hashable, Sendable {
  /// The most sequences that are continued at once.
  public var sequences = 64
  /// The most rows of a pass: one of each sequence that is continued, the rest for prompts.
  public var rows = 512
  /// The most requests that wait.
  public var waiting = 1024
  /// The most requests of one tenant that wait.
  public var waitingOfTenant = 512
  /// The most tokens of a sequence, its prompt included.
  public var length = 4096
  /// The bytes of the cache of keys and values.
  public var cacheBytes = 1 << 30

  /// The default limits.
  public init() {}
}
