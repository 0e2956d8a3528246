import Foundation
import LowRankProgress

/// Writes a folder so that it appears at once, whole, or not at all.
///
/// `write` fills a hidden folder beside the destination. What it wrote is forced to the disk and then
/// takes the destination's name; a folder that was there before is exchanged for it in the same
/// instant, and removed. When anything fails, the destination is as it was and nothing is left over;
/// when the process is killed, the next one to publish there clears up.
///
/// A mount point, the current folder, and a folder in a read-only parent are not replaced. For these, the hidden
/// folder is inside the destination. Its files are renamed one by one once all of them are on the disk,
/// `manifest.json` with their hashes last. If the process is killed before the first rename, the old content stays;
/// after it, the next process that reads or writes the folder finishes the save.
///
/// - Parameters:
///   - overwrite: whether to replace a folder that exists and is not empty.
///   - continuing: whether the same run wrote the content of the folder. Then the current folder may be replaced too,
///     and an in-place save removes only what the run wrote.
///   - kind: what is removed of the old content; everything else stays. nil to remove all of it.
/// - Throws: `PublishingError`, `FileError` with the final path, and what `write` throws.
public func publishFolder<Result>(
  at destination: URL, overwrite: Bool = false, continuing: Bool = false,
  replacing kind: OutputKind? = nil, _ write: (URL) throws -> Result
) throws -> Result {
  try checkPublishable(
    folder: destination, overwrite: overwrite, continuing: continuing, replacing: kind)
  let place = try PublishingPlace(destination)
  do {
    switch try place.folderWay(continuing: continuing, replacing: kind) {
    case .inPlace:
      return try publishInside(place, continuing: continuing, replacing: kind, write)
    case .renaming:
      return try publishBeside(place, writing: { $0 }, write) { temporary, _ in
        let reason = try TemporaryFolders.settling {
          try place.receiveFolder(
            from: temporary.url.path, overwrite: overwrite, replacing: kind)
        }
        if reason != 0 {
          try place.takeIn(temporary, reason: reason, continuing: continuing, replacing: kind)
        }
      }
    }
  } catch {
    place.removeCreatedParents()
    throw error
  }
}

/// Writes a file so that it appears at once, whole, or not at all; see `publishFolder`.
///
/// A file that is a mount point, or that is writable in a read-only folder, is overwritten once the new content is
/// complete; a kill during the copy leaves it incomplete.
///
/// - Parameter overwrite: whether to replace a file that is there.
/// - Throws: `PublishingError`, `FileError` with the final path, and what `write` throws.
public func publishFile<Result>(
  at destination: URL, overwrite: Bool = false, _ write: (URL) throws -> Result
) throws -> Result {
  try checkPublishable(file: destination, overwrite: overwrite)
  let place = try PublishingPlace(destination)
  do {
    switch try place.fileWay() {
    case .inPlace:
      let folder = FileManager.default.temporaryDirectory.path
      return try publishBeside(
        place, in: folder, writing: { $0.appending(path: place.name) }, write
      ) { _, written in
        try place.overwriteFile(with: written.path)
      }
    case .renaming:
      return try publishBeside(place, writing: { $0.appending(path: place.name) }, write) {
        _, written in
        try TemporaryFolders.settling {
          try place.receiveFile(from: written.path, overwrite: overwrite)
        }
      }
    }
  } catch {
    place.removeCreatedParents()
    throw error
  }
}

/// Throws where `publishFolder` would refuse to begin; for asking before long work.
///
/// - Throws: `PublishingError`.
public func checkPublishable(
  folder destination: URL, overwrite: Bool, continuing: Bool = false,
  replacing kind: OutputKind? = nil
) throws(PublishingError) {
  let path = destination.relativePath
  let destination = URL(fileURLWithPath: resolvedPath(destination.path))
  guard try isPresent(destination, given: path) else { return }
  guard destination.isFolder else { throw .notAFolder(path: path) }
  guard !folderContent(destination.path).isEmpty else { return }
  let current = realPath(".") ?? ""
  guard let real = realPath(destination.path), real != current || continuing, real != "/",
    !current.utf8.starts(with: (real + "/").utf8)
  else { throw .containsCurrentFolder(path: path) }
  guard !overwrite else { return }
  guard let kind, !kind.isPresent(in: destination) else { throw .exists(path: path) }
  throw .holdsOthers(path: path, names: kind.others(in: destination))
}

/// Whether something exists at a place; throws if it is a link that leads nowhere.
private func isPresent(_ place: URL, given: String) throws(PublishingError) -> Bool {
  var status = stat()
  if stat(place.path, &status) == 0 { return true }
  if lstat(place.path, &status) == 0 { throw .brokenLink(path: given) }
  return false
}

/// Throws where `publishFile` would refuse to begin; for asking before long work.
///
/// - Throws: `PublishingError`.
public func checkPublishable(file destination: URL, overwrite: Bool) throws(PublishingError) {
  let place = URL(fileURLWithPath: resolvedPath(destination.path))
  guard try isPresent(place, given: destination.relativePath) else { return }
  guard place.isFile else { throw .notAFile(path: destination.relativePath) }
  guard overwrite else { throw .exists(path: destination.relativePath) }
}

/// Writes to a hidden folder and moves the result into place.
///
/// - Parameters:
///   - folder: where to create the hidden folder; nil for the destination's parent.
///   - writing: where in the hidden folder to write.
private func publishBeside<Result>(
  _ place: PublishingPlace, in folder: String? = nil, writing: (URL) -> URL,
  _ write: (URL) throws -> Result, moving move: (HiddenFolder, URL) throws -> Void
) throws -> Result {
  let parent = folder ?? place.parent
  HiddenFolder.removeStale(in: parent, prefix: place.prefix)
  let temporary = try HiddenFolder(in: parent, prefix: place.prefix, given: place.given)
  let written = writing(temporary.url)
  let result: Result
  do {
    result = try write(written)
    try settleOnDisk(temporary.url.path)
    try move(temporary, written)
  } catch PublishingError.kept(let path, let whole, let reason) {
    throw PublishingError.kept(path: path, whole: whole, reason: reason)
  } catch {
    _ = temporary.remove()
    throw (error as? FileError)?.moved(from: written.path, to: place.given) ?? error
  }
  try synchronizeFolder(place.parent)
  if let reason = temporary.remove() {
    throw PublishingError.leftover(
      path: place.given, previous: temporary.url.path, reason: reason)
  }
  return result
}

/// Waits until the disk holds what was written, which takes long for a model.
private func settleOnDisk(_ path: String) throws {
  let work = Work("waiting for the disk")
  defer { work.end() }
  try synchronizeTree(path)
}

/// Writes to a hidden folder inside the destination and moves the result into place file by file.
private func publishInside<Result>(
  _ place: PublishingPlace, continuing: Bool, replacing kind: OutputKind?,
  _ write: (URL) throws -> Result
) throws -> Result {
  let save = InPlaceSave(folder: place.path)
  let isNew = mkdir(place.path, 0o777) == 0
  do {
    try save.finish()
    HiddenFolder.removeStale(in: place.path, prefix: InPlaceSave.prefix)
    let temporary = try HiddenFolder(
      in: place.path, prefix: InPlaceSave.prefix, given: place.given)
    do {
      let result = try write(temporary.url)
      try save.prepare(temporary.url.path, continuing: continuing, replacing: kind)
      try settleOnDisk(temporary.url.path)
      try TemporaryFolders.settling { try save.commit(temporary.url.path) }
      return result
    } catch {
      if !save.isDecided(for: temporary.url.path) { _ = temporary.remove() }
      throw (error as? FileError)?.moved(from: temporary.url.path, to: place.given) ?? error
    }
  } catch {
    if isNew { rmdir(place.path) }
    throw error
  }
}

/// Throws if nothing can be published at a destination; tests it by writing, and leaves nothing there.
///
/// It also removes the hidden folders that killed processes left there.
///
/// - Parameters:
///   - continuing: whether the same run wrote the content of the folder; see `publishFolder`.
///   - kind: what is removed of the old content; see `publishFolder`.
/// - Throws: `FileError`.
public func probeWritable(
  _ destination: URL, continuing: Bool = false, replacing kind: OutputKind? = nil
) throws(FileError) {
  let place = try PublishingPlace(destination)
  HiddenFolder.removeStale(in: place.parent, prefix: place.prefix)
  defer { place.removeCreatedParents() }
  if URL(fileURLWithPath: place.path).isFile {
    _ = try place.fileWay()
  } else {
    // Where a save is into the folder, its hidden folder is there.
    HiddenFolder.removeStale(in: place.path, prefix: InPlaceSave.prefix)
    _ = try place.folderWay(continuing: continuing, replacing: kind)
  }
}
