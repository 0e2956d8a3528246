import Foundation

/// An operation on a file or folder that the system refused.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was to be done, as a verb: `read`, `write`.
  public let operation: String
  /// The file or folder.
  public let path: String
  /// The reason, in the system's words.
  public let reason: String

  /// A refusal with its reason.
  public init(_ operation: String, _ path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }

  /// A refusal for the reason that the system has just given, or that `code` stands for.
  init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.init(operation, path, reason: String(cString: strerror(code)))
  }

  /// One sentence: what, where, why.
  public var description: String { "cannot \(operation) \(path): \(reason)" }

  /// The same error about the file that will stand, or stood, below `folder` instead.
  func moved(from temporary: String, to folder: String) -> Self {
    guard path.hasPrefix(temporary) else { return self }
    return Self(operation, folder + path.dropFirst(temporary.count), reason: reason)
  }
}
