import Foundation

extension Decompressor {
  /// Decompresses one whole piece of data.
  ///
  /// The buffer grows with what is really decompressed, whatever the data says of its size.
  /// - Parameters:
  ///   - expected: the size to begin with.
  ///   - limit: the largest size of the content.
  package func whole(
    _ input: UnsafeRawBufferPointer, into buffer: GrowingBuffer, expecting expected: Int,
    limit: Int
  ) throws(DecompressionError) {
    reset()
    buffer.removeAll()
    try buffer.reserve(min(expected, limit, (1 << 20) + 64 * input.count))
    try add(input, to: buffer, limit: limit)
    guard isAtEnd else { throw .truncated(compression) }
  }

  /// Decompresses a file that is read piece by piece.
  ///
  /// - Parameters:
  ///   - limit: the largest size of the content.
  ///   - read: reads the next bytes of the file into a buffer and returns how many there were, 0 at the end.
  /// - Throws: `DecompressionError`, and what `read` throws.
  package static func content(
    _ compression: Compression, limit: Int,
    read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> Data {
    let decompressor = try Decompressor(compression)
    let (input, output) = (GrowingBuffer(), GrowingBuffer())
    try input.reserve(1 << 18)
    var isEmpty = true
    while true {
      let count = try read(input.space)
      guard count > 0 else { break }
      isEmpty = false
      let piece = UnsafeRawBufferPointer(rebasing: input.space[..<count])
      try decompressor.add(piece, to: output, limit: limit)
    }
    guard isEmpty || decompressor.isAtEnd else { throw DecompressionError.truncated(compression) }
    return output.take()
  }

  /// Decompresses a piece of the input and adds the result to a buffer.
  private func add(
    _ input: UnsafeRawBufferPointer, to buffer: GrowingBuffer, limit: Int
  ) throws(DecompressionError) {
    var rest = input
    while true {
      if buffer.space.isEmpty, buffer.count < limit { try buffer.grow(atMost: limit) }
      let isFull = buffer.space.isEmpty
      var spare: UInt64 = 0
      let (read, written) = try withUnsafeMutableBytes(of: &spare) {
        bytes throws(DecompressionError) in
        try step(rest, into: isFull ? bytes : buffer.space)
      }
      if isFull {
        // At the limit, only the end of the stream may follow.
        guard written == 0 else { throw .tooLarge(limit: limit) }
      } else {
        buffer.advance(by: written)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[read...])
      if rest.isEmpty, isFull || !buffer.space.isEmpty { return }
      guard read > 0 || written > 0 else {
        throw .corrupt(compression, reason: "decompression makes no progress")
      }
    }
  }
}
