import Foundation
import LowRankDecompression

/// Decompresses data in the format of Snappy (its `format_description.txt`).
enum Snappy {
  /// How many bytes beyond the end of the content are written to, so that copies can be made in blocks.
  private static let slop = 32

  /// - Parameter size: the size of the content.
  /// - Throws: `ParquetFault` for data that is damaged or has another size.
  static func decompress(
    _ input: UnsafeRawBufferPointer, size: Int, into buffer: GrowingBuffer
  ) throws(ParquetFault) {
    var cursor = ByteCursor(input)
    // Three bytes of input make at most 64 of the content.
    guard try cursor.varint() == size, size <= 22 * input.count else { throw damage }
    buffer.removeAll()
    do throws(DecompressionError) {
      try buffer.reserve(size + slop)
    } catch {
      throw ParquetFault("\(error)")
    }
    guard let source = input.baseAddress, let target = buffer.space.baseAddress else {
      throw damage
    }
    try decompress(
      source, cursor.position, input.count, into: target, size: size)
    buffer.advance(by: size)
  }

  private static func decompress(
    _ source: UnsafeRawPointer, _ start: Int, _ end: Int, into target: UnsafeMutableRawPointer,
    size: Int
  ) throws(ParquetFault) {
    var (position, written) = (start, 0)
    while position < end {
      let tag = Int(source.load(fromByteOffset: position, as: UInt8.self))
      position += 1
      if tag & 3 == 0 {
        var length = tag >> 2 + 1
        if length > 60 {
          let extra = length - 60
          guard extra <= end - position else { throw damage }
          length = number(source + position, extra) + 1
          position += extra
        }
        guard length <= end - position, length <= size - written else { throw damage }
        if length <= 16, position + 16 <= end {
          copy16(source + position, to: target + written)
        } else {
          memcpy(target + written, source + position, length)
        }
        position += length
        written += length
      } else {
        let extra = tag & 3 == 3 ? 4 : tag & 3
        guard extra <= end - position else { throw damage }
        var offset = number(source + position, extra)
        var length = tag >> 2 + 1
        if extra == 1 {
          offset |= (tag & 0xe0) << 3
          length = tag >> 2 & 7 + 4
        }
        position += extra
        guard offset > 0, offset <= written, length <= size - written else { throw damage }
        repeatBytes(target + written, offset: offset, length: length)
        written += length
      }
    }
    guard written == size else { throw damage }
  }

  /// Copies bytes from `offset` before a place to it; where they overlap, the copied bytes repeat.
  private static func repeatBytes(
    _ target: UnsafeMutableRawPointer, offset: Int, length: Int
  ) {
    let source = UnsafeRawPointer(target - offset)
    if offset >= 16 {
      // A length is at most 64, so the blocks end within the slop.
      var done = 0
      while done < length {
        copy16(source + done, to: target + done)
        done += 16
      }
    } else {
      for index in 0..<length {
        target.storeBytes(
          of: source.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index,
          as: UInt8.self)
      }
    }
  }

  private static func copy16(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    target.storeBytes(
      of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  }

  /// A little-endian number of 1 to 4 bytes.
  private static func number(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    var number = 0
    for index in 0..<count {
      number |= Int(bytes.load(fromByteOffset: index, as: UInt8.self)) << (8 * index)
    }
    return number
  }

  private static var damage: ParquetFault { ParquetFault("a page's Snappy data is damaged") }
}
