import Foundation

/// Bytes that are read in pieces.
///
/// Pieces are copied instead of mapped: a page of a mapped file that somebody cuts off ends the process when it is
/// touched, and mapped pages count as memory of the process.
protocol ByteSource: Sendable {
  /// The number of bytes.
  var count: Int { get }
  /// Fills a buffer with the bytes from an offset.
  func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ParquetFault)
}

/// The bytes of a file.
final class FileBytes: ByteSource {
  let count: Int
  private let descriptor: Int32

  init(path: String) throws(ParquetFault) {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.refusal }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let refusal = Self.refusal
      close(descriptor)
      throw refusal
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ParquetFault("it is not a regular file")
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ParquetFault) {
    var done = 0
    while done < buffer.count, let start = buffer.baseAddress {
      let piece = pread(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if piece > 0 {
        done += piece
      } else if piece == 0 {
        throw ParquetFault("the file became shorter while it was read")
      } else if errno != EINTR {
        throw Self.refusal
      }
    }
  }

  private static var refusal: ParquetFault {
    ParquetFault("the file cannot be read: \(String(cString: strerror(errno)))")
  }
}

/// Bytes in memory.
struct MemoryBytes: ByteSource {
  let bytes: [UInt8]

  var count: Int { bytes.count }

  func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ParquetFault) {
    guard offset >= 0, offset <= bytes.count, buffer.count <= bytes.count - offset else {
      throw .overrun
    }
    bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }
}
