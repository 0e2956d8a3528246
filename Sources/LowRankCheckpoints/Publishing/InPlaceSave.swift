import Foundation

/// A save into a folder that keeps its place, because it is a mount point or its parent may not be written.
///
/// What is saved lies complete in a hidden folder inside before any of it gets its name. One file that gets its name then
/// decides, and says which folder it is: before it, the old content is all there is; after it, the save is whole, and
/// whoever reads or writes the folder next carries it on where it was broken off. Nothing but files need be renamed.
struct InPlaceSave {
  /// The folder that is saved into.
  let folder: String

  /// What the names of hidden folders begin with.
  static let prefix = ".lowrank-"
  /// The file that decides, for as long as files get their names.
  static let decisionName = ".lowrank-saved"
  private static let planName = ".lowrank-plan.json"

  private var decision: String { folder + "/" + Self.decisionName }

  /// Writes the manifest, and what is to go, beside what is going to be saved.
  ///
  /// - Parameter continuing: whether what lies there was written by the same work; then only that goes.
  /// - Throws: `FileError`.
  func prepare(_ staged: String, continuing: Bool) throws {
    let url = URL(fileURLWithPath: staged)
    try FolderManifest(of: url).write(into: url)
    let removes = removed(by: staged, continuing: continuing)
    let plan: JSONValue = [
      "version": 1, "folder": .string(url.lastPathComponent),
      "removes": .array(removes.map { .string($0) }),
    ]
    try plan.write(to: url.appending(path: Self.planName))
  }

  /// Decides for what is staged, which has been forced to the disk, and gives every file its name.
  ///
  /// - Throws: `FileError` where nothing is decided, `PublishingError` where it is.
  func commit(_ staged: String) throws {
    try locking(folder) {
      try finishLocked()
      try Self.step(staged + "/" + Self.planName, decision, for: folder)
      TemporaryFolders.forget(staged)
      try finishLocked()
    }
  }

  /// Whether a staged folder is decided for, and not to be removed.
  func isDecided(for staged: String) -> Bool {
    guard let decided = try? plan() else { return false }
    return decided.pending == staged
  }

  /// Carries on a save that was broken off after it was decided for; waits for one that is going on.
  ///
  /// - Throws: `PublishingError`; `FileError`, `JSONError` where what decides is none of ours.
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

  /// The folder that was decided for, and what is to go; nil where there is none.
  private func plan() throws -> (pending: String, removes: [String])? {
    let url = URL(fileURLWithPath: decision)
    guard url.isFile else { return nil }
    let plan = try JSONFile(at: url)
    let (name, removes) = (
      try plan.string("folder"), try plan.optionalStrings("removes") ?? []
    )
    // Folders come from anywhere: none gets anything removed that lies outside of it.
    guard name.hasPrefix(Self.prefix), isInside(name), removes.allSatisfy(isInside) else {
      throw FileError("finish the save in", folder, reason: "\(decision) names what lies outside")
    }
    return (folder + "/" + name, removes)
  }

  /// Whether a path leads to something in the folder, and through folders of its own alone.
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

  /// The old content that is not to stay, by paths in the folder.
  private func removed(by staged: String, continuing: Bool) -> [String] {
    let url = URL(fileURLWithPath: folder)
    let listed = (try? FolderManifest(in: url))?.files.entries.map(\.key) ?? []
    let own = Set(listed.compactMap { $0.split(separator: "/").first.map(String.init) })
    return stale(below: "", staged).filter { path in
      path != FolderManifest.name && (!continuing || path.contains("/") || own.contains(path))
    }
  }

  private func stale(below parent: String, _ staged: String) -> [String] {
    let (old, new) = (folder + "/" + parent, staged + "/" + parent)
    return folderContent(old).flatMap { name -> [String] in
      let path = parent.isEmpty ? name : parent + "/" + name
      if name == Self.decisionName { return [] }
      guard isThere(new + "/" + name) else { return [path] }
      guard isRealFolder(old + "/" + name), isRealFolder(new + "/" + name),
        !isThere(new + "/" + name + "/" + FolderManifest.name)
      else { return [] }
      return stale(below: path, staged)
    }
  }
}

/// Carries on a save into a folder that was broken off while its files got their names, if there is one.
///
/// - Throws: `PublishingError` where the folder may not be written; `FileError`, `JSONError`.
package func finishInterruptedSave(in folder: URL) throws {
  guard let path = realPath(folder.path) else { return }
  try InPlaceSave(folder: path).finish()
}
