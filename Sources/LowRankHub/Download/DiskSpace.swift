import Foundation

/// The room on a disk.
package enum DiskSpace {
  /// The bytes that may be written into a folder; as many as there can be where the system does not say.
  static func free(_ folder: String) -> Int {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return .max }
    let (bytes, overflows) = Int(status.f_bavail).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return overflows ? .max : bytes
  }

  /// Refuses to write more into a folder than there is room for.
  package static func check(needed: Int, in folder: String) throws(HubError) {
    let free = free(folder)
    guard free >= needed else { throw .noSpace(needed: needed, free: free, in: folder) }
  }

  /// Refuses a download for which there is no room.
  static func check(_ files: [RemoteFile], into cached: CachedRepository) throws(HubError) {
    let needed = files.reduce(0) {
      let kept = CachedRepository.size(cached.partial($1.etag)) ?? 0
      return $0 + max($1.size - kept, 0)
    }
    try check(needed: needed, in: "\(cached.folder)/blobs")
  }
}
