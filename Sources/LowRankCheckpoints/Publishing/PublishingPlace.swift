import Foundation

/// Where something is published: a name in a folder, with links followed.
struct PublishingPlace {
  /// The place as it was given, for errors.
  let given: String
  /// The folder that holds the name; created where it was missing.
  let parent: String
  /// The name in it.
  let name: String

  private let createdParents: [String]

  init(_ destination: URL) throws(FileError) {
    given = destination.relativePath
    // A link is followed: replacing it would leave what it points to behind, outdated.
    let target = URL(fileURLWithPath: resolvedPath(destination.path))
    let folder = target.deletingLastPathComponent().path
    name = target.lastPathComponent
    createdParents = try Self.createFolders(folder)
    guard let parent = realPath(folder) else { throw FileError("find", folder) }
    self.parent = parent
  }

  var path: String { parent == "/" ? "/" + name : parent + "/" + name }

  /// The prefix of the names of hidden folders beside the destination.
  var prefix: String { ".\(name).lowrank-" }

  /// Renames a complete folder to the destination atomically; returns 0 or `errno`.
  ///
  /// What `kind` does not include is linked into the new folder first, so that both have it when they are exchanged.
  func receiveFolder(
    from temporary: String, overwrite: Bool, replacing kind: OutputKind?
  ) throws(PublishingError) -> Int32 {
    let renames = FolderRenames.current
    // Renaming onto a missing or an empty folder succeeds, onto any other it fails, whoever made it.
    let reason = renames.rename(temporary, path)
    switch reason {
    case ENOTDIR: throw .notAFolder(path: given)
    case ENOTEMPTY, EEXIST:
      guard overwrite else { throw .exists(path: given) }
      var old = kind.map { OldContent(of: path, kind: $0, besides: temporary) }
      if let reason = old?.link(into: temporary), reason != 0 { return reason }
      let reason = renames.exchange(temporary, path)
      if reason == 0 {
        old?.moveLate(from: temporary, to: path)
      } else if reason != ENOENT {
        old?.unlink(from: temporary)
      }
      // Another process may have removed it just now.
      return reason == ENOENT ? renames.rename(temporary, path) : reason
    default: return reason
    }
  }

  /// Gives a complete file the name, in one step.
  func receiveFile(from temporary: String, overwrite: Bool) throws {
    if !overwrite {
      // Unlike renaming, linking fails where another process has published in the meantime.
      guard link(temporary, path) != 0 else { return }
      guard errno != EEXIST else { throw PublishingError.exists(path: given) }
    }
    guard rename(temporary, path) != 0 else { return }
    // A mount point, or a file in a read-only folder, can still be written to.
    try overwriteFile(with: temporary)
  }

  /// Removes the folders that were missing, as far as they are still empty.
  func removeCreatedParents() { for folder in createdParents.reversed() { rmdir(folder) } }

  private static func createFolders(_ path: String) throws(FileError) -> [String] {
    guard mkdir(path, 0o777) != 0 else { return [path] }
    switch errno {
    case EEXIST: return []
    case ENOENT:
      let parents = try createFolders(URL(fileURLWithPath: path).deletingLastPathComponent().path)
      if mkdir(path, 0o777) == 0 { return parents + [path] }
      if errno == EEXIST { return parents }
      // /proc says of any new folder that there is no such place, though its parent is there.
      let error = FileError("create", path)
      for folder in parents.reversed() { rmdir(folder) }
      throw error
    default: throw FileError("create", path)
    }
  }
}

/// The path without links and dots; none where nothing is there.
func realPath(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  return String(cString: real)
}
