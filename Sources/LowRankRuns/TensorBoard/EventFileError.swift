import Foundation

/// An event file that could not be made or written; training can go on without it.
public struct EventFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// The reason, in the system's words.
  public let reason: String

  /// What the system says of an error, without the words of the library around it.
  static func reason(_ error: any Error) -> String {
    let error = error as NSError
    return ((error.userInfo[NSUnderlyingErrorKey] as? NSError) ?? error).localizedDescription
  }

  /// One sentence: the file, the reason, what to do.
  public var description: String {
    "cannot write TensorBoard's events to \(path): \(reason); make room there or choose another folder"
  }
}
