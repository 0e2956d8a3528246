import Foundation
import LowRankCheckpoints

extension CachedRepository {
  /// Makes the folders that a download of a commit writes into.
  func prepare() throws {
    for folder in ["\(folder)/blobs", "\(folder)/snapshots", "\(folder)/refs", locks] {
      try Self.makeFolder(folder)
    }
  }

  /// Gives a content that is whole the name by which everybody finds it.
  func publish(partial: String, as etag: String) throws(FileError) {
    guard rename(partial, blob(etag)) == 0 else { throw .system("write", blob(etag)) }
    try Self.synchronize(folder: "\(folder)/blobs")
  }

  /// Puts a content into a commit's snapshot, as a link, or itself where there can be none.
  func place(_ etag: String, as path: String, _ commit: String, copying: Bool) throws {
    let pointer = pointer(path, commit)
    let parent = (pointer as NSString).deletingLastPathComponent
    try Self.makeFolder(parent)
    let temporary = "\(parent)/.lowrank-\(UUID())"
    defer { unlink(temporary) }
    let depth = path.utf8.count { $0 == UInt8(ascii: "/") } + 2
    let target = String(repeating: "../", count: depth) + "blobs/\(etag)"
    if copying || symlink(target, temporary) != 0 {
      // Without links of either kind the content itself moves, as in Python.
      guard link(blob(etag), temporary) == 0 || rename(blob(etag), temporary) == 0 else {
        throw FileError.system("write", pointer)
      }
    }
    guard rename(temporary, pointer) == 0 else { throw FileError.system("write", pointer) }
    try Self.synchronize(folder: parent)
  }

  /// Writes down which commit a revision means, once its files are here.
  func remember(_ commit: String, as name: HubName) throws {
    guard !name.isCommit, self.commit(of: name) != commit else { return }
    let place = reference(name.revision)
    try Self.makeFolder((place as NSString).deletingLastPathComponent)
    let temporary = "\(place).\(UUID()).tmp"
    defer { unlink(temporary) }
    try Data(commit.utf8).write(to: URL(filePath: temporary))
    guard rename(temporary, place) == 0 else { throw FileError.system("write", place) }
  }

  /// Writes down which files a commit of a data set has, so that the cache alone tells them later.
  func rememberListing(_ paths: [String], _ commit: String) throws {
    let place = listing(commit)
    guard !FileManager.default.fileExists(atPath: place) else { return }
    try Self.makeFolder((place as NSString).deletingLastPathComponent)
    try Data(paths.joined(separator: "\n").utf8).write(to: URL(filePath: place), options: .atomic)
  }

  /// Writes down that a commit has no such file, so that nobody asks again.
  func rememberAbsence(of path: String, _ commit: String) throws {
    let place = absence(path, commit)
    guard !lacks(path, commit) else { return }
    try Self.makeFolder((place as NSString).deletingLastPathComponent)
    try Data().write(to: URL(filePath: place))
  }

  private static func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private static func synchronize(folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("write", folder) }
    defer { close(descriptor) }
    // Some network file systems have no such call for folders.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .system("write", folder) }
  }
}

extension FileError {
  /// A refusal for the reason that the system has just given.
  static func system(_ operation: String, _ path: String) -> Self {
    Self(operation, path, reason: String(cString: strerror(errno)))
  }
}
