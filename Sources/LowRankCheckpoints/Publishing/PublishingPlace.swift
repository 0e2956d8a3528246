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

  /// Gives a complete folder the name, in one step.
  func receiveFolder(from temporary: String, overwrite: Bool) throws {
    // Renaming onto a missing or an empty folder succeeds, onto any other it fails, whoever made it.
    guard rename(temporary, path) != 0 else { return }
    switch errno {
    case ENOTDIR: throw PublishingError.notAFolder(path: given)
    case ENOTEMPTY, EEXIST:
      guard overwrite else { throw PublishingError.exists(path: given) }
      try exchange(temporary)
    default: throw FileError("write", given)
    }
  }

  /// Gives a complete file the name, in one step.
  func receiveFile(from temporary: String, overwrite: Bool) throws {
    if !overwrite {
      // Unlike renaming, linking fails where another process has published in the meantime.
      guard link(temporary, path) != 0 else { return }
      guard errno != EEXIST else { throw PublishingError.exists(path: given) }
    }
    guard rename(temporary, path) == 0 else { throw FileError("write", given) }
  }

  private func exchange(_ temporary: String) throws {
    guard let exchanging = exchangingRename else {
      throw PublishingError.cannotExchange(path: given)
    }
    guard !exchanging(temporary, path) else { return }
    switch errno {
    case ENOENT where rename(temporary, path) == 0: return  // somebody removed it just now
    case EINVAL, ENOSYS, ENOTSUP: throw PublishingError.cannotExchange(path: given)
    default: throw FileError("replace", given)
    }
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
