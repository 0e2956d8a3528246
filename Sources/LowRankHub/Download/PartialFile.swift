import Foundation
import LowRankCheckpoints

/// A content that is being gathered, with the hash of what is there.
///
/// What an earlier try left is hashed again and continued.
final class PartialFile {
  let path: String
  private let file: RemoteFile
  private let descriptor: Int32
  private var hash: ContentHash
  /// The bytes that are there.
  private(set) var count = 0

  init(at path: String, of file: RemoteFile) throws {
    self.path = path
    self.file = file
    hash = try ContentHash(of: file)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileError.system("write", path) }
    try takeWhatIsThere()
  }

  deinit { close(descriptor) }

  /// Whether everything is there.
  var isWhole: Bool { count == file.size }

  /// Whether what is there is what the hub says.
  var isExpected: Bool { isWhole && hash.isExpected }

  /// Adds bytes, no more than the file has.
  ///
  /// - Throws: `HubError` of a full disk, or where there are too many; `FileError`.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= file.size - count else {
      throw HubError.mismatch(file.path, "more came than the \(file.size) bytes that are listed")
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = pwrite(descriptor, piece.baseAddress, piece.count, off_t(count))
      if written > 0 {
        hash.update(UnsafeRawBufferPointer(rebasing: rest.prefix(written)))
        count += written
        rest = rest.dropFirst(written)
      } else if errno == ENOSPC || errno == EDQUOT || errno == EFBIG {
        let folder = (path as NSString).deletingLastPathComponent
        throw HubError.noSpace(
          needed: file.size - count, free: DiskSpace.free(folder), in: folder)
      } else if errno != EINTR {
        throw FileError.system("write", path)
      }
    }
  }

  /// Throws away what is there.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw FileError.system("write", path) }
    (count, hash) = (0, try ContentHash(of: file))
  }

  /// Forces what is there to the disk.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw FileError.system("write", path) }
  }

  private func takeWhatIsThere() throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.system("read", path) }
    guard Int(status.st_size) <= file.size else { return try restart() }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 64) { buffer in
      while count < Int(status.st_size) {
        let read = pread(descriptor, buffer.baseAddress, buffer.count, off_t(count))
        if read < 0, errno == EINTR { continue }
        guard read >= 0 else { throw FileError.system("read", path) }
        guard read > 0 else { return }
        hash.update(UnsafeRawBufferPointer(rebasing: buffer.prefix(read)))
        count += read
        try Task.checkCancellation()
      }
    }
  }
}
