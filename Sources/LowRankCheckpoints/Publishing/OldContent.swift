import Foundation

/// The content of a folder that is written again: what stays, and what is removed.
struct OldContent {
  /// The files and folders that stay, as paths in the folder.
  private(set) var kept: [String] = []
  /// The files and folders that are removed; those that the new content replaces are not among them.
  private(set) var removed: [String] = []
  /// What was linked into the new content, parents first.
  private var linked: [String] = []

  private let folder: String
  private let new: String?
  private let kind: OutputKind?
  private let listed: Set<String>

  /// - Parameters:
  ///   - kind: what is removed; nil for everything.
  ///   - new: the folder with the new content; nil if there is none yet.
  init(of folder: String, kind: OutputKind?, besides new: String?) {
    (self.folder, self.kind, self.new) = (folder, kind, new)
    let manifest = try? FolderManifest(in: URL(fileURLWithPath: folder))
    listed = Set(manifest?.files.entries.map(\.key) ?? [])
    sort(below: "")
  }

  private mutating func sort(below parent: String) {
    for name in folderContent(parent.isEmpty ? folder : folder + "/" + parent).sorted() {
      let path = parent.isEmpty ? name : parent + "/" + name
      if name == InPlaceSave.decisionName || name == FolderManifest.name { continue }
      let isFolder = isRealFolder(folder + "/" + path)
      if let new, isThere(new + "/" + path) {
        // A folder with a manifest of its own, such as a state, is replaced as a whole.
        guard isFolder, isRealFolder(new + "/" + path),
          !isThere(new + "/" + path + "/" + FolderManifest.name)
        else { continue }
        sort(below: path)
      } else if kind?.includes(path) ?? true || listed.contains(path) {
        removed.append(path)
      } else if isFolder, holdsOwn(path) {
        sort(below: path)
      } else {
        kept.append(path)
      }
    }
  }

  private func holdsOwn(_ path: String) -> Bool {
    kind?.reaches(into: path) == true || listed.contains { $0.hasPrefix(path + "/") }
  }
}

extension OldContent {
  /// Links what stays into the folder with the new content; returns 0 or `errno`, with nothing linked.
  ///
  /// Links share the files, so that a program that is writing one of them goes on writing the same file.
  mutating func link(into new: String) -> Int32 {
    for path in kept {
      var reason = Self.makeParents(of: path, in: new, from: folder, &linked)
      linked.append(path)
      if reason == 0 { reason = Self.link(folder + "/" + path, new + "/" + path) }
      guard reason != 0 else { continue }
      unlink(from: new)
      return reason
    }
    return 0
  }

  /// Removes the links again.
  mutating func unlink(from new: String) {
    for path in linked.reversed() { _ = removeTree(new + "/" + path) }
    linked = []
  }

  /// Moves into the published folder what was added to the old one after it was read.
  func moveLate(from old: String, to folder: String) {
    for path in OldContent(of: old, kind: kind, besides: folder).kept {
      var made: [String] = []
      guard Self.makeParents(of: path, in: folder, from: old, &made) == 0 else { continue }
      _ = rename(old + "/" + path, folder + "/" + path)
    }
  }

  private static func makeParents(
    of path: String, in new: String, from old: String, _ made: inout [String]
  ) -> Int32 {
    let parent = parentPath(path)
    guard !parent.isEmpty, !isThere(new + "/" + parent) else { return 0 }
    let above = makeParents(of: parent, in: new, from: old, &made)
    guard above == 0 else { return above }
    made.append(parent)
    return makeFolder(new + "/" + parent, as: old + "/" + parent)
  }

  private static func makeFolder(_ path: String, as model: String) -> Int32 {
    var status = stat()
    guard stat(model, &status) == 0, mkdir(path, 0o700) == 0,
      chmod(path, status.st_mode & 0o7777) == 0
    else { return errno }
    return 0
  }

  private static func link(_ old: String, _ new: String) -> Int32 {
    guard isRealFolder(old) else { return Glibc.link(old, new) == 0 ? 0 : errno }
    // A mount has to stay where it is.
    guard !isMountPoint(old) else { return EXDEV }
    let made = makeFolder(new, as: old)
    guard made == 0 else { return made }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: old) else {
      return EACCES
    }
    for name in names {
      let reason = link(old + "/" + name, new + "/" + name)
      guard reason == 0 else { return reason }
    }
    return 0
  }
}
