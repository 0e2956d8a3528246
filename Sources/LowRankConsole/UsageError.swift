/// Flags or values that contradict each other, or that lack something; the exit code is 2.
package struct UsageError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// The reader of standard output is gone, as with `| head -1`.
package struct ClosedOutput: Error {
  package init() {}
}
