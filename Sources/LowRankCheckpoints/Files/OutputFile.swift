import Foundation

/// A file being written, through a buffer.
///
/// Nothing is on the disk for certain before `close` has returned; publishing sees to the rest.
public final class OutputFile {
  /// The path of the file, as it was given.
  public let path: String

  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 18

  /// Creates a file, or empties the one that is there.
  ///
  /// - Throws: `FileError` with the system's reason.
  public init(at url: URL) throws(FileError) {
    path = url.relativePath
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    buffer.reserveCapacity(Self.capacity)
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError`; what was written until then stays.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count >= Self.capacity {
      try writeNow(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError`; what was written until then stays.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    let result: Result<Void, FileError> = bytes.withUnsafeBytes { buffer in
      do throws(FileError) { return .success(try write(buffer)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Writes what is buffered and closes the file, which takes nothing more.
  ///
  /// - Throws: `FileError`; some systems report a full disk only here.
  public func close() throws(FileError) {
    try flush()
    let closed = Glibc.close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw FileError("write", path) }
  }

  private func flush() throws(FileError) {
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    let result: Result<Void, FileError> = pending.withUnsafeBytes { bytes in
      do throws(FileError) { return .success(try writeNow(bytes)) } catch { return .failure(error) }
    }
    try result.get()
  }

  private func writeNow(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written == 0 || errno != EINTR {
        throw FileError("write", path, code: written == 0 ? ENOSPC : errno)
      }
    }
  }
}
