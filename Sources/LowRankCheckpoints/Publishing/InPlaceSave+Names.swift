import Foundation

extension InPlaceSave {
  /// The step of an in-place save that renames the files of a complete hidden folder.
  struct Names {
    /// The output folder.
    let folder: String
    /// The complete hidden folder.
    let pending: String
    /// The paths of the old content to remove, relative to the folder.
    let removes: [String]

    private static let replacedPrefix = InPlaceSave.prefix + "replaced-"

    /// Renames files and folders so that no reader takes a mixture of old and new for complete.
    ///
    /// It performs the steps that remain, so it can be interrupted anywhere and called again.
    ///
    /// - Returns: the old content that could not be removed, if any.
    func give() throws(FileError) -> (path: String, reason: String)? {
      var (folders, files): ([String], [String]) = ([], [])
      if isRealFolder(pending) { try collect(below: "", &folders, &files) }
      let manifest = FolderManifest.name
      let hasManifest = isThere(pending + "/" + manifest)
      // New states come first: they exist beside the old ones until those are removed.
      for path in folders { try take(path) }
      files.removeAll { isSame($0) }
      let top = files.filter { !$0.contains("/") }
      let gone = removes.filter { !$0.contains("/") && !isRealFolder(folder + "/" + $0) }
      // A reader that finds the manifest finds every file it lists.
      if hasManifest { try InPlaceSave.remove(folder + "/" + manifest) }
      // A single file is replaced atomically. If several change, the old ones are removed first, since every reader
      // notices a missing file.
      if top.count + gone.count > 1 {
        for path in top + gone where !isRealFolder(folder + "/" + path) {
          try InPlaceSave.remove(folder + "/" + path)
        }
      }
      for path in files { try take(path) }
      var left: (path: String, reason: String)?
      for path in removes {
        if let reason = removeTree(folder + "/" + path) {
          left = left ?? (folder + "/" + path, reason)
        }
      }
      if hasManifest { try take(manifest) }
      for path in Set(
        (folders + files).map(parentPath) + folders + [""])
      {
        try synchronizeFolder(path.isEmpty ? folder : folder + "/" + path)
      }
      // The next save removes what remains.
      _ = removeTree(pending)
      return left
    }

    /// Moves a file or a whole folder into place.
    private func take(_ path: String) throws(FileError) {
      let (new, place) = (pending + "/" + path, folder + "/" + path)
      let isFolder = isRealFolder(new)
      // A folder without its manifest was left partly filled by an interrupted call.
      if isFolder, isRealFolder(place), !isThere(place + "/" + FolderManifest.name) {
        return try takeFiles(of: path)
      }
      var reason = FolderRenames.current.step(new, place)
      let isInTheWay = [EISDIR, ENOTDIR, ENOTEMPTY, EEXIST].contains(reason)
      let aside = pending + "/" + Self.replacedPrefix + UUID().uuidString
      if isInTheWay, FolderRenames.current.step(place, aside) == 0 {
        reason = FolderRenames.current.step(new, place)
      }
      // There are file systems that rename files, but no folders.
      if isFolder, reason != 0 {
        try InPlaceSave.remove(place + "/" + FolderManifest.name)
        return try takeFiles(of: path)
      }
      if isInTheWay, reason != 0, removeTree(place) == nil {
        reason = FolderRenames.current.step(new, place)
      }
      guard reason == 0 else { throw FileError("write", place, code: reason) }
      // Renaming one hard link of a file to another does nothing, so the old name is removed here.
      if !isFolder { try InPlaceSave.remove(new) }
    }

    /// Moves the files of a folder into place, its manifest last.
    private func takeFiles(of path: String) throws(FileError) {
      let place = folder + "/" + path
      guard mkdir(place, 0o777) == 0 || errno == EEXIST && isRealFolder(place) else {
        throw FileError("create", place)
      }
      let names = try names(in: pending + "/" + path)
      for name in names where name != FolderManifest.name { try take(path + "/" + name) }
      if names.contains(FolderManifest.name) {
        try synchronizeFolder(place)
        try take(path + "/" + FolderManifest.name)
      }
    }

    /// Finds what is left to rename: folders that move as a whole, and files.
    private func collect(
      below parent: String, _ folders: inout [String], _ files: inout [String]
    ) throws(FileError) {
      for name in try names(in: parent.isEmpty ? pending : pending + "/" + parent) {
        let path = parent.isEmpty ? name : parent + "/" + name
        if path == FolderManifest.name || path.hasPrefix(InPlaceSave.prefix) { continue }
        guard isRealFolder(pending + "/" + path) else {
          files.append(path)
          continue
        }
        let isWhole = isThere(pending + "/" + path + "/" + FolderManifest.name)
        if !isRealFolder(folder + "/" + path) {
          folders.append(path)
        } else if !isWhole {
          try collect(below: path, &folders, &files)
        } else if !isSame(path + "/" + FolderManifest.name) {
          folders.append(path)
        }
      }
    }

    /// Whether the file in place already has the new content.
    private func isSame(_ path: String) -> Bool {
      guard let new = try? MappedFile(at: URL(fileURLWithPath: pending + "/" + path)),
        let old = try? MappedFile(at: URL(fileURLWithPath: folder + "/" + path)),
        new.bytes.count == old.bytes.count
      else { return false }
      guard let left = new.bytes.baseAddress, let right = old.bytes.baseAddress else { return true }
      return memcmp(left, right, new.bytes.count) == 0
    }

    private func names(in folder: String) throws(FileError) -> [String] {
      do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
        throw FileError("read", folder, reason: systemReason(error))
      }
    }
  }
}

extension InPlaceSave {
  /// Renames a file while saving into a folder.
  static func step(_ old: String, _ new: String, for place: String) throws(FileError) {
    let reason = FolderRenames.current.step(old, new)
    guard reason == 0 else { throw FileError("write", place, code: reason) }
  }

  /// Removes a file, if it exists, while saving into a folder.
  static func remove(_ path: String) throws(FileError) {
    guard isThere(path) else { return }
    let reason = FolderRenames.current.step(path, nil)
    guard reason == 0 || reason == ENOENT else { throw FileError("replace", path, code: reason) }
  }
}
