/// What is wrong with a JSON text, or with a value in one.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, or the row of a file, that holds the text; empty where it came from neither.
  public let source: String
  /// What was found there, and what was expected.
  public let problem: String

  /// An error in `source`.
  public init(source: String, problem: String) {
    self.source = source
    self.problem = problem
  }

  /// One sentence: the source and the problem.
  public var description: String { source.isEmpty ? problem : "\(source): \(problem)" }
}
