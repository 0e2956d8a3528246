import Foundation
import LowRankCheckpoints
import LowRankDecompression

/// The bytes of a text file, decompressed if its name says so.
///
/// They are copied: somebody may be writing the file anew, and a mapped page that is missing when it is touched ends the
/// process.
/// - Parameter limit: the largest size of decompressed content; by default, half of the free memory.
/// - Throws: `FileError` if the file cannot be read, `DataError` if compressed data is damaged or too large.
package func textBytes(
  of url: URL, limit: @autoclosure () -> Int = FreeMemory.bytes / 2
) throws -> Data {
  _ = try MappedFile(at: url)
  let compression = Compression(rawValue: url.pathExtension.lowercased())
  do {
    guard let compression else { return try Data(contentsOf: url) }
    let file = try FileHandle(forReadingFrom: url)
    defer { try? file.close() }
    return try Decompressor.content(compression, limit: limit()) { buffer in
      guard let piece = try file.read(upToCount: buffer.count) else { return 0 }
      piece.copyBytes(to: buffer)
      return piece.count
    }
  } catch let error as DecompressionError {
    throw DataError(url.relativePath, error.description)
  } catch {
    throw FileError("read", url.relativePath, reason: systemReason(error))
  }
}
