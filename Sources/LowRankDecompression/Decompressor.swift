import CZlib
import CZstd

/// Decompresses a stream piece by piece.
///
/// The members of gzip data, and the frames of zstd data, may follow each other; their contents are joined.
package final class Decompressor {
  /// The format of the input.
  package let compression: Compression
  /// Whether the input so far ends with a whole member or frame.
  package private(set) var isAtEnd = false

  private let state: State

  private enum State {
    case gzip(UnsafeMutablePointer<z_stream>)
    case zstd(OpaquePointer)
  }

  /// Creates a decompressor.
  package init(_ compression: Compression) throws(DecompressionError) {
    self.compression = compression
    switch compression {
    case .gzip:
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      guard lr_inflate_init(stream) == Z_OK else {
        stream.deallocate()
        throw .outOfMemory
      }
      state = .gzip(stream)
    case .zstd:
      guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
      state = .zstd(context)
    }
  }

  deinit {
    switch state {
    case .gzip(let stream):
      inflateEnd(stream)
      stream.deallocate()
    case .zstd(let context): ZSTD_freeDCtx(context)
    }
  }

  /// Prepares for other data.
  package func reset() {
    isAtEnd = false
    switch state {
    case .gzip(let stream): inflateReset(stream)
    case .zstd(let context): ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    }
  }

  /// Decompresses as much of the input as fits into the output.
  ///
  /// - Returns: the numbers of bytes that were read and written. Call again with the rest of the input, until nothing
  ///   is left of it and the output was not filled.
  package func step(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionError) -> (read: Int, written: Int) {
    switch state {
    case .gzip(let stream): try inflate(stream, input, output)
    case .zstd(let context): try decompress(context, input, output)
    }
  }

  private func inflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
    _ output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionError) -> (read: Int, written: Int) {
    var start = 0
    if isAtEnd {
      // Tapes pad a file with zeros.
      while start < input.count, input[start] == 0 { start += 1 }
      guard start < input.count else { return (start, 0) }
      inflateReset(stream)
      isAtEnd = false
    }
    let (given, space) = (
      min(input.count - start, Self.largest), min(output.count, Self.largest)
    )
    let bytes = input.baseAddress.map { ($0 + start).assumingMemoryBound(to: UInt8.self) }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
    stream.pointee.avail_in = UInt32(given)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(space)
    switch CZlib.inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isAtEnd = true
    case Z_MEM_ERROR: throw .outOfMemory
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "no gzip data"
      throw .corrupt(.gzip, reason: reason)
    }
    return (
      start + given - Int(stream.pointee.avail_in), space - Int(stream.pointee.avail_out)
    )
  }

  private func decompress(
    _ context: OpaquePointer, _ input: UnsafeRawBufferPointer,
    _ output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionError) -> (read: Int, written: Int) {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(result) == 0 else {
      throw .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(result)))
    }
    // Asked without input after a frame, libzstd reports the header of the next one as missing.
    if source.pos > 0 || target.pos > 0 { isAtEnd = result == 0 }
    return (source.pos, target.pos)
  }

  /// zlib counts with 32 bits.
  private static let largest = 1 << 30
}
