import LowRankDecompression

/// Decompresses the pages of a column.
final class Codec {
  private enum Method {
    case none
    case snappy
    case library(Decompressor)
  }

  private let method: Method

  private static let names = [
    "uncompressed", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4",
  ]

  /// - Parameter number: the codec, by the format's number.
  /// - Throws: `ParquetFault` for one that is not supported, by its name.
  init(_ number: Int) throws(ParquetFault) {
    switch number {
    case 0: method = .none
    case 1: method = .snappy
    case 2: method = .library(try Self.decompressor(.gzip))
    case 6: method = .library(try Self.decompressor(.zstd))
    default:
      let name = Self.names.indices.contains(number) ? Self.names[number] : "codec \(number)"
      throw ParquetFault(
        """
        it is compressed with \(name), which is not supported; write the file with Snappy, gzip or Zstandard, \
        in Python: pq.write_table(pq.read_table(OLD), NEW, compression="zstd")
        """)
    }
  }

  /// Whether pages are stored as they are.
  var isNone: Bool { if case .none = method { true } else { false } }

  /// Decompresses a page into a buffer.
  ///
  /// - Parameter size: the size that the page says it has; the buffer grows only with what is really there.
  func decompress(
    _ bytes: UnsafeRawBufferPointer, size: Int, into buffer: GrowingBuffer
  ) throws(ParquetFault) {
    switch method {
    case .none: preconditionFailure("a page that is not compressed is read as it is")
    case .snappy: try Snappy.decompress(bytes, size: size, into: buffer)
    case .library(let decompressor):
      do throws(DecompressionError) {
        try decompressor.whole(bytes, into: buffer, expecting: size, limit: size)
      } catch .tooLarge {
        throw Self.mismatch(size)
      } catch {
        throw ParquetFault("a page cannot be decompressed: \(error)")
      }
    }
    guard buffer.count == size else { throw Self.mismatch(size) }
  }

  private static func mismatch(_ size: Int) -> ParquetFault {
    ParquetFault("a page has not the \(size) bytes that it says it has")
  }

  private static func decompressor(
    _ compression: Compression
  ) throws(ParquetFault) -> Decompressor {
    do throws(DecompressionError) {
      return try Decompressor(compression)
    } catch {
      throw ParquetFault("\(error)")
    }
  }
}
