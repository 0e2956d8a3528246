import Foundation
import LowRank

/// A file that a verb is to write, refused before any work where that would fail or destroy something.
package struct CheckedFile {
  package let url: URL
  package let overwrite: Bool

  /// - Parameters:
  ///   - name: how people name the setting of the file.
  ///   - isKind: whether a file that is there is of this kind; no other is replaced.
  ///   - inputs: what the verb reads.
  /// - Throws: `SettingsError`, `PublishingError`, `FileError`.
  package init(
    _ path: String, name: KeyedText, overwrite: Bool, kind: String, isKind: (URL) -> Bool,
    sparing inputs: [String?]
  ) throws {
    guard !path.isEmpty else { throw SettingsError("\(name) is empty, expected a file") }
    url = URL(filePath: path)
    self.overwrite = overwrite
    try OutputFolder.refuseCache(url, name: name, path)
    for input in inputs.compactMap({ $0 })
    where OutputFolder.canonical(Located.known(input)) == OutputFolder.canonical(url) {
      throw SettingsError(
        "\(name) \(path) would replace \(input), which is read from; choose another file")
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      !isFolder.boolValue, !isKind(url)
    {
      throw SettingsError(
        "\(path) is not a \(kind) and is not replaced; remove it, or choose another file")
    }
    try checkPublishable(file: url, overwrite: overwrite)
    try probeWritable(url)
  }
}
