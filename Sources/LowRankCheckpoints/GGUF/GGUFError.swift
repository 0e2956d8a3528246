/// Why a file is not a GGUF file, or not one that can be used.
public struct GGUFError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What was found and what was expected.
  public let problem: String

  /// A problem of a file.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// One sentence: the file and the problem.
  public var description: String { "\(path): \(problem)" }
}
