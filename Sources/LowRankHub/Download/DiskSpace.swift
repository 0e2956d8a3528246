import Foundation

/// The room on a disk.
enum DiskSpace {
  /// The bytes that may be written beside a file; as many as there can be where the system does not say.
  static func free(_ path: String) -> Int {
    var status = statvfs()
    guard statvfs(folder(of: path), &status) == 0 else { return .max }
    let (bytes, overflows) = Int(status.f_bavail).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return overflows ? .max : bytes
  }

  static func folder(of path: String) -> String { (path as NSString).deletingLastPathComponent }

  /// Refuses a download for which there is no room.
  ///
  /// - Throws: `HubError`.
  static func check(_ files: [RemoteFile], into cached: CachedRepository) throws(HubError) {
    let needed = files.reduce(0) {
      let kept = CachedRepository.size(cached.partial($1.etag)) ?? 0
      return $0 + max($1.size - kept, 0)
    }
    let place = cached.blob("0")
    guard free(place) >= needed else {
      throw .noSpace(needed: needed, free: free(place), in: folder(of: place))
    }
  }
}
