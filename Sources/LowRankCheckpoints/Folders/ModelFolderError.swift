/// Why a folder is not a model's, or not one that can be used.
public struct ModelFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder, or the file in it.
  public let path: String
  /// What was found and what to do.
  public let problem: String

  init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// One sentence: the path and the problem.
  public var description: String { "\(path) \(problem)" }
}
