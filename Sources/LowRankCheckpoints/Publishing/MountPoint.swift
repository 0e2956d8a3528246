import Foundation

/// Whether a path is a mount point, which can be neither renamed nor replaced.
///
/// - Parameter path: a path without links.
func isMountPoint(_ path: String) -> Bool {
  let parent = parentPath(path)
  guard path != "/" else { return true }
  if let own = mountNumber(of: path), let above = mountNumber(of: parent) { return own != above }
  var (own, above) = (stat(), stat())
  guard stat(path, &own) == 0, stat(parent, &above) == 0 else { return false }
  return own.st_dev != above.st_dev
}

/// The id of the mount of a file or folder, which also distinguishes bind mounts of the same file system; nil if
/// `/proc` does not report it.
private func mountNumber(of path: String) -> Int? {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  guard let file = fopen("/proc/self/fdinfo/\(descriptor)", "re") else { return nil }
  defer { fclose(file) }
  let capacity = 256
  var line = [CChar](repeating: 0, count: capacity)
  while fgets(&line, Int32(capacity), file) != nil {
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard text.hasPrefix("mnt_id:") else { continue }
    return Int(text.dropFirst("mnt_id:".count).trimmingCharacters(in: .whitespacesAndNewlines))
  }
  return nil
}
