/// Flags or values that contradict each other, or that lack something; the exit code is 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The reader of standard output is gone, as with `| head -1`.
struct ClosedOutput: Error {}

/// A signal stopped the run, which has already printed what there is to say; the exit code is 130.
struct Interrupted: Error {}
