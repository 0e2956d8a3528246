import Foundation

/// How output gets to its destination.
enum PublishingWay {
  /// The output is written beside the destination and renamed atomically.
  case renaming
  /// The output is written into the existing file or folder.
  case inPlace
}

extension PublishingPlace {
  /// Finds out, by trying, how to publish a folder here.
  ///
  /// - Parameters:
  ///   - continuing: whether the same run wrote the content of the folder, so that nothing else is removed.
  ///   - kind: what is removed of the old content; nil for all of it.
  /// - Throws: `FileError` if neither way works.
  func folderWay(
    continuing: Bool, replacing kind: OutputKind?
  ) throws(FileError) -> PublishingWay {
    guard URL(fileURLWithPath: path).isFolder else {
      do {
        try probeBeside()
        return .renaming
      } catch {
        // Some file systems can rename files but not folders.
        guard mkdir(path, 0o777) == 0 else { throw error }
        defer { rmdir(path) }
        try probeInside(continuing: continuing, replacing: kind)
        return .inPlace
      }
    }
    if !keepsItsPlace {
      do {
        try probeBeside()
        return .renaming
      } catch {}
    }
    try probeInside(continuing: continuing, replacing: kind)
    return .inPlace
  }

  /// Finds out, by trying, how to publish a file here.
  ///
  /// - Throws: `FileError` if neither way works.
  func fileWay() throws(FileError) -> PublishingWay {
    let url = URL(fileURLWithPath: path)
    if !url.isFile || !isMountPoint(path) {
      do {
        let hidden = try HiddenFolder(in: parent, prefix: prefix, given: given)
        defer { _ = hidden.remove() }
        try writeProbe(in: hidden)
        if url.isFile { try checkReplaceable(path, with: hidden.url.path, expecting: ENOTDIR) }
        return .renaming
      } catch {
        guard url.isFile else { throw error }
      }
    }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("write", given) }
    close(descriptor)
    return .inPlace
  }

  /// Whether the existing folder cannot, or must not, be exchanged for another.
  private var keepsItsPlace: Bool {
    path == realPath(".") || isMountPoint(path)
      || URL(fileURLWithPath: path + "/" + lostAndFound).isFolder
  }

  /// Tests publishing by renaming, with hidden folders.
  private func probeBeside() throws(FileError) {
    let hidden = try HiddenFolder(in: parent, prefix: prefix, given: given)
    defer { _ = hidden.remove() }
    try writeProbe(in: hidden)
    let renames = FolderRenames.current
    let reason = hidden.withOtherName { moved in
      let reason = renames.rename(hidden.url.path, moved)
      guard reason == 0 else { return reason }
      let back = renames.rename(moved, hidden.url.path)
      if back != 0 { _ = removeTree(moved) }
      return back
    }
    try check(reason)
    guard URL(fileURLWithPath: path).isFolder else { return }
    try checkReplaceable(path, with: hidden.url.path + "/" + Self.probeName, expecting: EISDIR)
    guard !folderContent(path).isEmpty else { return }
    let other = try HiddenFolder(in: parent, prefix: prefix, given: given)
    defer { _ = other.remove() }
    try check(renames.exchange(hidden.url.path, other.url.path))
  }

  /// Tests publishing in place, with hidden files.
  private func probeInside(continuing: Bool, replacing kind: OutputKind?) throws(FileError) {
    let hidden = try HiddenFolder(in: path, prefix: InPlaceSave.prefix, given: given)
    defer { _ = hidden.remove() }
    try writeProbe(in: hidden)
    let probe = hidden.url.path + "/" + Self.probeName
    let reason = hidden.withOtherName { moved in
      guard rename(probe, moved) == 0 else { return errno }
      guard rename(moved, probe) != 0 else { return 0 }
      let reason = errno
      unlink(moved)
      return reason
    }
    try check(reason)
    guard !continuing else { return }
    let others = kind?.others(in: URL(fileURLWithPath: path)) ?? []
    for name in folderContent(path) where !others.contains(name) {
      let old = path + "/" + name
      if isRealFolder(old) {
        try checkReplaceable(old, with: probe, expecting: EISDIR)
      } else {
        try checkReplaceable(old, with: hidden.url.path, expecting: ENOTDIR)
      }
    }
  }

  private static let probeName = "probe"

  private func writeProbe(in hidden: HiddenFolder) throws(FileError) {
    do throws(FileError) {
      let file = try OutputFile(at: hidden.url.appending(path: Self.probeName))
      try file.write([0])
      try file.close()
    } catch {
      _ = hidden.remove()
      throw FileError("write", given, reason: error.reason)
    }
  }

  /// Tests whether an item may be replaced, without changing anything: the system checks permissions before it
  /// refuses to rename a file to a folder or a folder to a file.
  private func checkReplaceable(
    _ old: String, with other: String, expecting answer: Int32
  ) throws(FileError) {
    guard rename(other, old) != 0, errno != answer, errno != ENOENT else { return }
    throw FileError(
      "replace", old == path ? given : given + old.dropFirst(path.count))
  }

  private func check(_ reason: Int32) throws(FileError) {
    guard reason == 0 else { throw FileError("write", given, code: reason) }
  }
}
