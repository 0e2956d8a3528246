import Foundation

extension PublishingPlace {
  /// Saves the content of a hidden folder beside the destination into the destination, after renaming it failed.
  ///
  /// - Throws: `PublishingError.kept` if that fails too; nothing is lost.
  func takeIn(
    _ temporary: HiddenFolder, reason: Int32, continuing: Bool, replacing kind: OutputKind?
  ) throws {
    var whole = temporary.url.path
    do {
      guard URL(fileURLWithPath: path).isFolder else {
        throw FileError("write", given, code: reason)
      }
      let save = InPlaceSave(folder: path)
      try save.finish()
      let staged =
        path + "/" + temporary.url.lastPathComponent.replacing(prefix, with: InPlaceSave.prefix)
      defer { TemporaryFolders.forget(staged) }
      if TemporaryFolders.making(staged, { rename(whole, staged) }) == 0 {
        whole = staged
      } else {
        do { try FileManager.default.copyItem(atPath: whole, toPath: staged) } catch {
          _ = removeTree(staged)
          throw FileError("write", given, code: reason)
        }
      }
      do {
        try save.prepare(staged, continuing: continuing, replacing: kind)
        try synchronizeTree(staged)
        try TemporaryFolders.settling { try save.commit(staged) }
      } catch {
        if whole != staged, !save.isDecided(for: staged) { _ = removeTree(staged) }
        throw error
      }
    } catch let error as FileError {
      TemporaryFolders.forget(temporary.url.path)
      throw PublishingError.kept(
        path: given, whole: nameOpenly(whole), reason: error.reason)
    }
  }

  /// Renames an unpublished output to a visible name that no other save removes.
  private func nameOpenly(_ hidden: String) -> String {
    let number = hidden.split(separator: "-").last ?? ""
    let places = [
      (parent == "/" ? "/" : parent + "/") + "\(name).unpublished-\(number)",
      path + "/unpublished-\(number)",
    ]
    return places.first { rename(hidden, $0) == 0 } ?? hidden
  }

  /// Overwrites the contents of an existing file; a kill during the copy leaves it incomplete.
  func overwriteFile(with temporary: String) throws(FileError) {
    let reason = errno
    let place = open(path, O_WRONLY | O_CLOEXEC)
    guard place >= 0 else { throw FileError("write", given, code: reason) }
    defer { close(place) }
    let new = try MappedFile(at: URL(fileURLWithPath: temporary))
    try withExtendedLifetime(new) { () throws(FileError) in
      var rest = new.bytes[...]
      while !rest.isEmpty {
        let written = write(place, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if written == 0 || errno != EINTR {
          throw FileError("write", given, code: written == 0 ? ENOSPC : errno)
        }
      }
    }
    guard ftruncate(place, off_t(new.bytes.count)) == 0, fsync(place) == 0 || errno == EINVAL else {
      throw FileError("write", given)
    }
  }
}
