import Foundation

/// A save into a folder that cannot be replaced, because it is a mount point or its parent is read-only.
///
/// A hidden folder inside holds the complete new content before any file is renamed. Renaming one file, which names
/// the hidden folder, commits the save. Before the commit, the old content is unchanged. After it, the save is
/// complete, and the next process that reads or writes the folder finishes it if it was interrupted. The file system
/// only needs to support renaming files.
struct InPlaceSave {
  /// The output folder.
  let folder: String

  /// The prefix of the names of hidden folders.
  static let prefix = ".lowrank-"
  /// The file that commits a save; it exists until all files are renamed.
  static let decisionName = ".lowrank-saved"
  private static let planName = ".lowrank-plan.json"

  private var decision: String { folder + "/" + Self.decisionName }

  /// Writes the manifest, and the list of old content to remove, into the hidden folder.
  ///
  /// - Parameters:
  ///   - continuing: whether the same run wrote the old content; then only what it wrote is removed.
  ///   - kind: what is removed of the old content; nil for all of it.
  /// - Throws: `FileError`.
  func prepare(_ staged: String, continuing: Bool, replacing kind: OutputKind? = nil) throws {
    let url = URL(fileURLWithPath: staged)
    try FolderManifest(of: url).write(into: url)
    let removes = removed(by: staged, continuing: continuing, replacing: kind)
    let plan: JSONValue = [
      "version": 1, "folder": .string(url.lastPathComponent),
      "removes": .array(removes.map { .string($0) }),
    ]
    try plan.write(to: url.appending(path: Self.planName))
  }

  /// Commits a hidden folder, which has been synchronized to the disk, and renames its files.
  ///
  /// - Throws: `FileError` if the save is not committed, `PublishingError` if it is.
  func commit(_ staged: String) throws {
    try locking(folder) {
      try finishLocked()
      try Self.step(staged + "/" + Self.planName, decision, for: folder)
      TemporaryFolders.forget(staged)
      try finishLocked()
    }
  }

  /// Whether a hidden folder is committed and must not be removed.
  func isDecided(for staged: String) -> Bool {
    guard let decided = try? plan() else { return false }
    return decided.pending == staged
  }

  /// Finishes a committed save that was interrupted; waits for one in progress.
  ///
  /// - Throws: `PublishingError`; `FileError` or `JSONError` if the commit file is invalid.
  func finish() throws {
    guard isThere(decision) else { return }
    try locking(folder) { try finishLocked() }
  }

  private func finishLocked() throws {
    guard let decided = try plan() else { return }
    do {
      try synchronizeFolder(folder)
      let left = try Names(
        folder: folder, pending: decided.pending, removes: decided.removes
      ).give()
      try Self.remove(decision)
      try synchronizeFolder(folder)
      if let left {
        throw PublishingError.leftover(path: folder, previous: left.path, reason: left.reason)
      }
    } catch let error as FileError {
      throw PublishingError.unfinished(
        path: folder, whole: decided.pending, reason: error.reason)
    }
  }

  /// The committed hidden folder and the paths to remove; nil if no save is committed.
  private func plan() throws -> (pending: String, removes: [String])? {
    let url = URL(fileURLWithPath: decision)
    guard url.isFile else { return nil }
    let plan = try JSONFile(at: url)
    let (name, removes) = (
      try plan.string("folder"), try plan.optionalStrings("removes") ?? []
    )
    // A folder may come from an untrusted source, so nothing outside it may be removed.
    guard name.hasPrefix(Self.prefix), isInside(name), removes.allSatisfy(isInside) else {
      throw FileError(
        "finish the save in", folder, reason: "\(decision) names a path outside of it")
    }
    return (folder + "/" + name, removes)
  }

  /// Whether a path stays within the folder and passes through no links.
  private func isInside(_ path: String) -> Bool {
    var place = folder
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    for name in names {
      guard place == folder || isRealFolder(place) || !isThere(place),
        !name.isEmpty, name != ".", name != ".."
      else { return false }
      place += "/" + name
    }
    return true
  }

  /// The old content to remove, as paths in the folder.
  private func removed(
    by staged: String, continuing: Bool, replacing kind: OutputKind?
  ) -> [String] {
    let old = OldContent(of: folder, kind: kind, besides: staged)
    guard kind == nil, continuing else { return old.removed }
    let listed = (try? FolderManifest(in: URL(fileURLWithPath: folder)))?.files.entries ?? []
    let own = Set(listed.compactMap { $0.key.split(separator: "/").first.map(String.init) })
    return old.removed.filter { $0.contains("/") || own.contains($0) }
  }
}

/// Finishes a save into a folder that was interrupted while its files were renamed, if there is one.
///
/// - Throws: `PublishingError` if the folder is read-only; `FileError`, `JSONError`.
package func finishInterruptedSave(in folder: URL) throws {
  guard let path = realPath(folder.path) else { return }
  try InPlaceSave(folder: path).finish()
}
