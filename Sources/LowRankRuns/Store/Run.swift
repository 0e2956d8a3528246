import Foundation

/// A training run of the store.
public struct Run: Identifiable, Hashable, Sendable {
  /// The run's number, never given twice.
  public let id: Int64
  /// What was known when it began.
  public let facts: RunFacts
  /// When it began.
  public let started: Date
  /// When it ended, of a run that did.
  public let ended: Date?
  /// What became of it.
  public let outcome: RunOutcome
  /// What was said at its end.
  public let message: String?
  /// The greatest step of which something was recorded; `facts.firstStep` before the first.
  public let lastStep: Int
}
