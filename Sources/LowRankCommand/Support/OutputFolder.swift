import Foundation
import LowRank
import LowRankCheckpoints
import LowRankHub

/// A folder that a verb is to write, refused before any work where that would fail or destroy something.
struct OutputFolder {
  let url: URL
  let overwrite: Bool

  /// - Parameters:
  ///   - flag: the flag that named the folder.
  ///   - marker: the file by which a folder of this kind is known; no other is replaced.
  ///   - inputs: what the verb reads, none of which may lie in the folder.
  ///   - folders: folders in which it may not lie either.
  /// - Throws: `UsageError`, `PublishingError`, `FileError`.
  init(
    _ path: String, flag: String, overwrite: Bool, marker: String, sparing inputs: [String?],
    besides folders: [String] = []
  ) throws {
    guard !path.isEmpty else { throw UsageError("\(flag) is empty, expected a folder") }
    url = URL(filePath: path)
    self.overwrite = overwrite
    try finishInterruptedSave(in: url)
    try checkPublishable(folder: url, overwrite: overwrite)
    if let cache = try? HubSettings().cache, lies(url, in: URL(filePath: cache)) {
      throw UsageError(
        "\(flag) \(path) lies in the hub's cache, whose files are taken for the hub's; choose another place"
      )
    }
    for input in inputs.compactMap({ $0 })
    where replaces(Located.known(input), publishingAt: url) {
      throw UsageError(
        "\(flag) \(path) would replace \(input), which is read from; choose another folder")
    }
    for folder in folders where lies(url, in: Located.known(folder)) {
      throw UsageError(
        "\(flag) \(path) lies in \(folder), which is read from; choose another place")
    }
    let content = folderContent(resolvedPath(url.path))
    guard content.isEmpty || content.contains(marker) else {
      throw UsageError(
        "\(path) holds no \(marker) and is not replaced; remove it, or choose another folder")
    }
    try probeWritable(url)
  }

  static func canonical(_ url: URL) -> String {
    url.standardizedFileURL.resolvingSymlinksInPath().path
  }
}
