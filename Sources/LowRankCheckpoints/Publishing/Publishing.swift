import Foundation

/// Writes a folder so that it appears at once, whole, or not at all.
///
/// `write` fills a hidden folder beside the destination. What it wrote is forced to the disk and then
/// takes the destination's name; a folder that was there before is exchanged for it in the same
/// instant, and removed. When anything fails, the destination is as it was and nothing is left over;
/// when the process is killed, the next one to publish there clears up.
///
/// - Parameter overwrite: whether to replace a folder that is there and not empty. All of it goes.
/// - Throws: `PublishingError`, `FileError` with the final path, and what `write` throws.
public func publishFolder<Result>(
  at destination: URL, overwrite: Bool = false, _ write: (URL) throws -> Result
) throws -> Result {
  try checkPublishable(folder: destination, overwrite: overwrite)
  return try publish(at: destination, writing: { _, temporary in temporary }, write) {
    place, written in
    try place.receiveFolder(from: written.path, overwrite: overwrite)
  }
}

/// Writes a file so that it appears at once, whole, or not at all; see `publishFolder`.
///
/// - Parameter overwrite: whether to replace a file that is there.
/// - Throws: `PublishingError`, `FileError` with the final path, and what `write` throws.
public func publishFile<Result>(
  at destination: URL, overwrite: Bool = false, _ write: (URL) throws -> Result
) throws -> Result {
  try checkPublishable(file: destination, overwrite: overwrite)
  return try publish(at: destination, writing: { $1.appending(path: $0.name) }, write) {
    place, written in
    try place.receiveFile(from: written.path, overwrite: overwrite)
  }
}

/// Throws where `publishFolder` would refuse to begin; for asking before long work.
///
/// - Throws: `PublishingError`.
public func checkPublishable(folder destination: URL, overwrite: Bool) throws(PublishingError) {
  let path = destination.relativePath
  let destination = URL(fileURLWithPath: resolvedPath(destination.path))
  var status = stat()
  guard stat(destination.path, &status) == 0 else { return }
  guard destination.isFolder else { throw .notAFolder(path: path) }
  let content = (try? FileManager.default.contentsOfDirectory(atPath: destination.path)) ?? []
  guard !content.isEmpty else { return }
  guard overwrite else { throw .exists(path: path) }
  let current = realPath(".") ?? ""
  guard let real = realPath(destination.path), real != current, real != "/",
    !current.utf8.starts(with: (real + "/").utf8)
  else { throw .containsCurrentFolder(path: path) }
}

/// Throws where `publishFile` would refuse to begin; for asking before long work.
///
/// - Throws: `PublishingError`.
public func checkPublishable(file destination: URL, overwrite: Bool) throws(PublishingError) {
  let place = URL(fileURLWithPath: resolvedPath(destination.path))
  var status = stat()
  guard stat(place.path, &status) == 0 else { return }
  guard place.isFile else { throw .notAFile(path: destination.relativePath) }
  guard overwrite else { throw .exists(path: destination.relativePath) }
}

/// Has something written in a temporary folder beside the destination, and moved from there.
///
/// - Parameter writing: what is written, given the place and the temporary folder.
private func publish<Result>(
  at destination: URL, writing: (PublishingPlace, URL) -> URL, _ write: (URL) throws -> Result,
  moving move: (PublishingPlace, URL) throws -> Void
) throws -> Result {
  let place = try PublishingPlace(destination)
  do {
    TemporarySibling.removeStale(of: place)
    let temporary = try TemporarySibling(of: place)
    let written = writing(place, temporary.url)
    let result: Result
    do {
      result = try write(written)
      try synchronizeTree(temporary.url.path)
      try move(place, written)
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
  } catch {
    place.removeCreatedParents()
    throw error
  }
}

/// Throws where nothing could be written beside a destination; nothing is left there.
///
/// - Throws: `FileError`.
public func probeWritable(_ destination: URL) throws(FileError) {
  let place = try PublishingPlace(destination)
  defer { place.removeCreatedParents() }
  let temporary = try TemporarySibling(of: place)
  _ = temporary.remove()
}
