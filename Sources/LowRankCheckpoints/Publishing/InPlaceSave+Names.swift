import Foundation

extension InPlaceSave {
  /// The step from a hidden folder that is whole to files under their names.
  struct Names {
    /// The folder that is saved into.
    let folder: String
    /// The hidden folder.
    let pending: String
    /// The old content that is not to stay, by paths in the folder.
    let removes: [String]

    private static let replacedPrefix = InPlaceSave.prefix + "replaced-"

    /// Gives files and folders their names, so that nobody takes a mixture of old and new for whole.
    ///
    /// It does what is left to do: it can be broken off anywhere and called again.
    ///
    /// - Returns: what of the old content could not be removed, if anything.
    func give() throws(FileError) -> (path: String, reason: String)? {
      var (folders, files): ([String], [String]) = ([], [])
      if isRealFolder(pending) { try collect(below: "", &folders, &files) }
      let manifest = FolderManifest.name
      let hasManifest = isThere(pending + "/" + manifest)
      // New states first: they are beside the old ones until those go.
      for path in folders { try take(path) }
      files.removeAll { isSame($0) }
      let top = files.filter { !$0.contains("/") }
      let gone = removes.filter { !$0.contains("/") && !isRealFolder(folder + "/" + $0) }
      // Whoever finds the manifest finds all that it lists.
      if hasManifest { try InPlaceSave.remove(folder + "/" + manifest) }
      // One file is replaced in one step. Of several, the old ones go first: what is missing is noticed by every reader.
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
      // What is left of it is cleared up by the next save.
      _ = removeTree(pending)
      return left
    }

    /// Takes a file or a whole folder to its place.
    private func take(_ path: String) throws(FileError) {
      let (new, place) = (pending + "/" + path, folder + "/" + path)
      let isFolder = isRealFolder(new)
      // A folder without its manifest is one that a step before this one has begun to fill.
      if isFolder, isRealFolder(place), !isThere(place + "/" + FolderManifest.name) {
        return try takeFiles(of: path)
      }
      var reason = FolderRenames.current.step(new, place)
      if [EISDIR, ENOTDIR, ENOTEMPTY, EEXIST].contains(reason) {
        let aside = pending + "/" + Self.replacedPrefix + UUID().uuidString
        if FolderRenames.current.step(place, aside) != 0, let problem = removeTree(place) {
          throw FileError("replace", place, reason: problem)
        }
        reason = FolderRenames.current.step(new, place)
      }
      // There are file systems that rename files, but no folders.
      if isFolder, reason != 0 { return try takeFiles(of: path) }
      guard reason == 0 else { throw FileError("write", place, code: reason) }
      // A file under two names stays under both when one is to become the other.
      if !isFolder { try InPlaceSave.remove(new) }
    }

    /// Takes the files of a folder to their places, its manifest last.
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

    /// Finds what has yet to get its name: folders that are taken whole, and files.
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

    /// Whether a file is there already as it is to be.
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
        throw FileError("read", folder, reason: error.localizedDescription)
      }
    }
  }
}

extension InPlaceSave {
  /// Gives a file of a folder that is saved into another name.
  static func step(_ old: String, _ new: String, for place: String) throws(FileError) {
    let reason = FolderRenames.current.step(old, new)
    guard reason == 0 else { throw FileError("write", place, code: reason) }
  }

  /// Removes a file of a folder that is saved into, if it is there.
  static func remove(_ path: String) throws(FileError) {
    guard isThere(path) else { return }
    let reason = FolderRenames.current.step(path, nil)
    guard reason == 0 || reason == ENOENT else { throw FileError("replace", path, code: reason) }
  }
}
