import Foundation
import LowRank
import LowRankCheckpoints
import LowRankHub

/// A folder that a verb is to write, refused before any work where that would fail or destroy something.
package struct OutputFolder {
  package let url: URL
  package let overwrite: Bool
  /// What is replaced in the folder; everything else in it stays.
  package let kind: OutputKind

  /// - Parameters:
  ///   - name: how people name the setting of the folder.
  ///   - marker: the file by which a folder of this kind is known.
  ///   - inputs: what the verb reads, none of which may lie in the folder.
  ///   - folders: folders in which it may not lie either.
  /// - Throws: `SettingsError`, `PublishingError`, `FileError`.
  package init(
    _ path: String, name: KeyedText, overwrite: Bool, marker: String, sparing inputs: [String?],
    besides folders: [String] = []
  ) throws {
    guard !path.isEmpty else { throw SettingsError("\(name) is empty, expected a folder") }
    url = URL(filePath: path)
    self.overwrite = overwrite
    kind = Self.kinds[marker]?.kind ?? OutputKind([marker])
    try finishInterruptedSave(in: url)
    try Self.refuseCache(url, name: name, path)
    for input in inputs.compactMap({ $0 })
    where replaces(Located.known(input), publishingAt: url) {
      throw SettingsError(
        "\(name) \(path) would replace \(input), which is read from; choose another folder")
    }
    for folder in folders where lies(url, in: Located.known(folder)) {
      throw SettingsError(
        "\(name) \(path) lies in \(folder), which is read from; choose another place")
    }
    try Self.refuseOtherKinds(in: url, marker)
    try checkPublishable(folder: url, overwrite: overwrite, replacing: kind)
    try probeWritable(url, replacing: kind)
    noteOthers()
  }

  /// Refuses a place in the hub's cache.
  package static func refuseCache(_ url: URL, name: KeyedText, _ path: String) throws(SettingsError)
  {
    guard let cache = try? HubSettings().cache, lies(url, in: URL(filePath: cache)) else { return }
    throw SettingsError(
      "\(name) \(path) lies in the hub's cache, whose files are taken for the hub's; choose another place"
    )
  }

  /// Publishes the folder; see `publishFolder`.
  package func publish<Result>(_ write: (URL) throws -> Result) throws -> Result {
    try publishFolder(at: url, overwrite: overwrite, replacing: kind, write)
  }

  /// The kinds of folders by the file that each of them holds, and what such a folder is called.
  private static let kinds: [String: (kind: OutputKind, name: String)] = [
    "adapter_config.json": (.adapter, "an adapter"), "config.json": (.model, "a model"),
    "figures.json": (.figures, "a report's figures"), "demo.json": (.demo, "a demonstration"),
  ]

  /// Refuses a folder of another kind, which the files of this kind would make ambiguous.
  private static func refuseOtherKinds(in url: URL, _ marker: String) throws {
    let content = Set(folderContent(resolvedPath(url.path)))
    guard !content.contains(marker),
      let other = kinds.keys.sorted().first(where: { content.contains($0) })
    else { return }
    throw SettingsError(
      "\(url.relativePath) holds \(kinds[other]?.name ?? other), not \(kinds[marker]?.name ?? marker); choose another folder"
    )
  }

  /// Says how many files stay.
  private func noteOthers() {
    let others = kind.others(in: url)
    guard !others.isEmpty else { return }
    let count = others.reduce(0) { $0 + Self.count(of: url.appending(path: $1)) }
    let names = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? ", …" : "")
    Remarks.note(
      "\(count) other \(count == 1 ? "file stays" : "files stay") in \(url.relativePath): \(names)"
    )
  }

  private static func count(of place: URL) -> Int {
    guard let all = FileManager.default.enumerator(atPath: place.path) else { return 1 }
    var count = 0
    for case let name as String in all {
      var isFolder: ObjCBool = false
      let path = place.appending(path: name).path
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      count += isFolder.boolValue ? 0 : 1
    }
    return max(count, 1)
  }

  package static func canonical(_ url: URL) -> String {
    url.standardizedFileURL.resolvingSymlinksInPath().path
  }
}

extension OutputKind {
  /// The figures of a report.
  package static let figures = OutputKind(["figures.json", "[0-9][0-9]-*.png"])
  /// The event files of TensorBoard.
  package static let events = OutputKind(["events.out.tfevents.*"])
  /// The root of a demonstration.
  package static let demo = OutputKind(["demo.json"])
}
