import Foundation

/// The files of one split, which are read in order as one.
public struct DataSplit: Hashable, Sendable {
  /// The files; at least one.
  public let files: [URL]

  /// Creates a split of several files, at least one.
  public init(_ files: [URL]) {
    precondition(!files.isEmpty, "a split has a file")
    self.files = files
  }

  /// Creates a split of one file.
  public init(_ file: URL) { files = [file] }

  /// The name for messages: the path of the first file, with the number of the others.
  public var name: String {
    let first = files[0].relativePath
    return files.count == 1 ? first : "\(first) and \(files.count - 1) more"
  }
}
