import Foundation

/// The files of one split, which are read in order as one.
public struct DataSplit: Hashable, Sendable {
  /// The files; at least one.
  public let files: [URL]
  /// The folder of a downloaded data set, outside of which its rows may name no image; nil for the user's own files.
  private var root: URL?

  /// Creates a split of several files, at least one.
  public init(_ files: [URL]) {
    precondition(!files.isEmpty, "a split has a file")
    self.files = files
  }

  /// Creates a split of one file.
  public init(_ file: URL) { files = [file] }

  /// The folders that rows of the files name images in.
  var imageFolders: [ImageFolder] { files.map { ImageFolder(of: $0, within: root) } }

  /// The split of a downloaded data set in a folder, whose rows may name images in it alone; the same split where its files lie
  /// elsewhere.
  package func confined(to folder: URL) -> DataSplit {
    var split = self
    if files.allSatisfy({ $0.path.hasPrefix(folder.path + "/") }) { split.root = folder }
    return split
  }

  /// The name for messages: the path of the first file, with the number of the others.
  public var name: String {
    let first = files[0].relativePath
    return files.count == 1 ? first : "\(first) and \(files.count - 1) more"
  }
}
