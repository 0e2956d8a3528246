/// What is wrong with a data file, a row of one, or a folder of them.
public struct DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file or folder, with the line or row where there is one: `data/train.jsonl, line 17`.
  public let place: String
  /// What was found there, and what was expected.
  public let problem: String

  /// An error at a place.
  public init(_ place: String, _ problem: String) {
    self.place = place
    self.problem = problem
  }

  /// One sentence: the place and the problem.
  public var description: String { "\(place): \(problem)" }
}
