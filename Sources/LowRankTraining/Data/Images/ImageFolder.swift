import Foundation

/// The folder that the rows of a file name images in.
struct ImageFolder: Sendable {
  /// What is said of an image that may not be read.
  static let outside =
    "the image lies outside of the downloaded data set, whose rows may name images in its folder alone; if you trust it, give a copy of the folder as data of your own"

  private let folder: URL
  /// The folder of a downloaded data set, which its images have to lie in, and the file's folder in it; nil where rows may
  /// name any file.
  private let bounds: (root: URL, parts: [String])?

  /// The folder of a file.
  init(of file: URL, within root: URL?) {
    folder = file.deletingLastPathComponent()
    bounds = root.map { root in
      let below = file.path.dropFirst(root.path.count)
      return (root, below.split(separator: "/").dropLast().map(String.init))
    }
  }

  /// A folder of the user's own.
  init(_ folder: URL) { (self.folder, bounds) = (folder, nil) }

  /// The path of an image that is named relative to the folder, or absolutely; nil where it may not be read.
  func path(of name: String) -> String? {
    guard let bounds else {
      let folder = folder.relativePath
      return name.hasPrefix("/") || folder == "." || folder.isEmpty ? name : "\(folder)/\(name)"
    }
    guard !name.utf8.starts(with: "/".utf8) else { return nil }
    var parts = bounds.parts
    for part in name.split(separator: "/") where part != "." {
      if part == ".." {
        guard !parts.isEmpty else { return nil }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return ([bounds.root.path] + parts).joined(separator: "/")
  }
}
