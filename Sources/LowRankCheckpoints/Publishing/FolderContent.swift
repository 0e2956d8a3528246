import Foundation

/// The names in a folder that count as its content; empty if the folder does not exist.
///
/// The folder `lost+found`, which ext4 creates at the root of a new volume, does not count, nor do the hidden folders
/// of interrupted saves.
package func folderContent(_ path: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  return names.filter { name in
    guard name != lostAndFound else { return !URL(fileURLWithPath: path + "/" + name).isFolder }
    return !name.hasPrefix(InPlaceSave.prefix) || name == InPlaceSave.decisionName
  }
}

/// The folder in which `fsck` puts recovered files.
let lostAndFound = "lost+found"

/// The path of the folder that holds something; empty for a name alone.
///
/// Foundation's own ends the process for names of one letter.
func parentPath(_ path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Whether something is there, a link that leads nowhere included.
func isThere(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Whether the path is a folder, and not a link to one.
func isRealFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Runs work while holding a lock on a folder, if its file system supports locks.
func locking<Result>(_ folder: String, _ work: () throws -> Result) rethrows -> Result {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  defer { if descriptor >= 0 { close(descriptor) } }
  if descriptor >= 0 { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }
  return try work()
}

/// The free space at a path, which need not exist yet; nil if the file system does not report it.
package func freeBytes(at place: URL) -> Int? {
  var path = resolvedPath(place.path)
  while !isThere(path), path != "/" { path = parentPath(path) }
  var status = statvfs()
  guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
  return Int(status.f_bavail) * Int(status.f_frsize)
}
