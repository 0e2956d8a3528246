/// What is wrong with a Parquet file.
public struct ParquetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the file as it was given.
  public let file: String
  /// What was found there, with its column, and what to do.
  public let problem: String

  /// One sentence: the file and the problem.
  public var description: String { "\(file): \(problem)" }
}

/// A problem of bytes that do not know which file and column they belong to.
struct ParquetFault: Error {
  var problem: String
  /// Whether the bytes end too early; more of them may help.
  var isOverrun = false

  init(_ problem: String) { self.problem = problem }

  /// Bytes that end before a value does.
  static let overrun: Self = {
    var fault = Self("the data ends too early")
    fault.isOverrun = true
    return fault
  }()

  /// The fault with the column it was found in.
  func inColumn(_ name: String) -> Self { Self("column \"\(name)\": \(problem)") }

  func error(in file: String) -> ParquetError { ParquetError(file: file, problem: problem) }
}
