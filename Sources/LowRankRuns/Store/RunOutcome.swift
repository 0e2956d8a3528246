/// What became of a run.
public enum RunOutcome: String, Sendable, CaseIterable {
  /// It is still going on.
  case running
  /// It did all its steps, or stopped early because it was to.
  case finished
  /// Its user stopped it.
  case interrupted
  /// It stopped with an error, which is the run's message.
  case failed
  /// It never said that it ended, but its process is gone. Computed when a run is read, never stored.
  case lost
}
