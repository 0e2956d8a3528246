/// Why a file is not a safetensors file, or not one that can be used.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The rule of the format that is broken.
  public enum Rule: String, Hashable, Sendable {
    /// Eight bytes hold the length of the header, at most 100 MB, and that many bytes follow.
    case headerLength
    /// The header is one JSON object without duplicate keys.
    case headerText
    /// `__metadata__` holds strings.
    case metadata
    /// A tensor has a known type, a shape and two offsets.
    case entry
    /// The tensors lie one after the other, without holes and overlaps.
    case layout
    /// The bytes of a tensor are as many as its shape and type take.
    case size
    /// The file ends where the last tensor does.
    case end
    /// The tensor's type can be computed with.
    case type
    /// No two tensors have the same name.
    case name
  }

  /// The file.
  public let path: String
  /// The rule that is broken.
  public let rule: Rule
  /// What was found and what was expected.
  public let problem: String

  init(_ path: String, _ rule: Rule, _ problem: String) {
    self.path = path
    self.rule = rule
    self.problem = problem
  }

  /// One sentence: the file and the problem.
  public var description: String { "\(path): \(problem)" }
}
