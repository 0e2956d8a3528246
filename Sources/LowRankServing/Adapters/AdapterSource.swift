import Foundation
import LowRank

/// A private copy of an adapter's files, from which it is loaded.
///
/// Files that change while they are read then change nothing here, and what is hashed is what is loaded.
final class AdapterSource {
  /// The folder or file of the copy.
  let place: URL
  private let folder: URL

  /// Copies the files of a folder, without folders in it, or one file.
  ///
  /// - Throws: what copying throws.
  init(copying source: URL) throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: ".lowrank-serve-\(UUID().uuidString)")
    let source = source.resolvingSymlinksInPath()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: source.path, isDirectory: &isFolder) else {
      throw FileError("read", source.lastPathComponent, reason: "it does not exist")
    }
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    place = isFolder.boolValue ? folder : folder.appending(path: source.lastPathComponent)
    do {
      guard isFolder.boolValue else {
        try FileManager.default.copyItem(at: source, to: place)
        return
      }
      for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
      where AdapterContent.isPart(name) {
        let file = source.appending(path: name).resolvingSymlinksInPath()
        var isNested: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isNested),
          !isNested.boolValue
        else { continue }
        try FileManager.default.copyItem(at: file, to: folder.appending(path: name))
      }
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
