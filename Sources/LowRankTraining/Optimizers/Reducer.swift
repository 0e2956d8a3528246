/// Adds up the gradient sums of all processes of a run, so that each applies the same step.
public protocol Reducer: Sendable {
  /// Replaces a process's own sums by those over all processes.
  mutating func reduce(_ sum: inout GradientSum) throws
}

/// The reducer of a run in one process, whose sums are complete.
public struct SingleProcess: Reducer {
  /// A reducer that changes nothing.
  public init() {}

  /// Changes nothing.
  public func reduce(_ sum: inout GradientSum) {}
}
