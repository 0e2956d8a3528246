import Foundation

/// The names in a folder that count as its content; none where it is missing.
///
/// A new volume is not quite empty: ext4 puts the folder `lost+found` at its root. Nor does what a broken off save has hidden
/// count.
package func folderContent(_ path: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  return names.filter { name in
    guard name != lostAndFound else { return !URL(fileURLWithPath: path + "/" + name).isFolder }
    return !name.hasPrefix(InPlaceSave.prefix) || name == InPlaceSave.decisionName
  }
}

/// The folder in which file systems put what they find after a crash.
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

/// Whether a folder itself is there, not a link to one.
func isRealFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Does work while no other process that asks does the same in a folder, as far as its file system has locks.
func locking<Result>(_ folder: String, _ work: () throws -> Result) rethrows -> Result {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  defer { if descriptor >= 0 { close(descriptor) } }
  if descriptor >= 0 { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }
  return try work()
}

/// The bytes that a place, which need not be there yet, has room for; nil where its file system does not tell.
package func freeBytes(at place: URL) -> Int? {
  var path = resolvedPath(place.path)
  while !isThere(path), path != "/" { path = parentPath(path) }
  var status = statvfs()
  guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
  return Int(status.f_bavail) * Int(status.f_frsize)
}
