import Foundation

/// The reason of an error of Foundation in the system's words, as `No space left on device`.
///
/// Foundation's own sentences differ between its versions and name temporary files.
package func systemReason(_ error: any Error) -> String {
  if let error = error as? FileError { return error.reason }
  var current: NSError? = error as NSError
  while let error = current {
    if error.domain == NSPOSIXErrorDomain, let code = Int32(exactly: error.code) {
      return String(cString: strerror(code))
    }
    current = error.userInfo[NSUnderlyingErrorKey] as? NSError
  }
  guard let error = error as? CocoaError else { return "\(error)" }
  let code: Int32? =
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
    case .fileReadNoPermission, .fileWriteNoPermission: EACCES
    case .fileWriteOutOfSpace: ENOSPC
    case .fileWriteVolumeReadOnly: EROFS
    case .fileWriteFileExists: EEXIST
    default: nil
    }
  return code.map { String(cString: strerror($0)) } ?? error.localizedDescription
}
