import Foundation

/// Forces a folder and everything below it to the disk, files first.
func synchronizeTree(_ folder: String) throws {
  let names: [String]
  do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
    throw FileError("write", folder, reason: systemReason(error))
  }
  for name in names {
    let path = folder + "/" + name
    var status = stat()
    guard lstat(path, &status) == 0 else { throw FileError("write", path) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: try synchronizeTree(path)
    case S_IFREG: try synchronize(path)
    default: break  // a link has no content of its own
    }
  }
  try synchronizeFolder(folder)
}

/// Forces the names in a folder to the disk.
func synchronizeFolder(_ folder: String) throws(FileError) {
  try synchronize(folder)
}

private func synchronize(_ path: String) throws(FileError) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError("write", path) }
  defer { close(descriptor) }
  // Some network file systems have no such call for folders.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("write", path) }
}
