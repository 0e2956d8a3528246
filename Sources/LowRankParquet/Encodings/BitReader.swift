/// Numbers of a few bits each, one after the other.
struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private let width: Int
  private let mask: UInt64
  private var position = 0

  /// - Parameter width: the bits of a number, 0 to 64.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) {
    self.bytes = bytes
    self.width = width
    mask = width == 64 ? .max : 1 << UInt64(width) - 1
  }

  /// The next number, whose bits begin at the lowest of a byte.
  mutating func next() throws(ParquetFault) -> UInt64 {
    guard width > 0 else { return 0 }
    let (first, shift) = (position >> 3, position & 7)
    guard position + width <= bytes.count * 8 else { throw .overrun }
    position += width
    if first + 8 <= bytes.count {
      let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: first, as: UInt64.self))
      var number = low >> UInt64(shift)
      if shift + width > 64 { number |= UInt64(bytes[first + 8]) << UInt64(64 - shift) }
      return number & mask
    }
    var number: UInt64 = 0
    // There are fewer than 64 bits.
    for (index, byte) in bytes[first...].enumerated() {
      number |= UInt64(byte) << UInt64(8 * index)
    }
    return number >> UInt64(shift) & mask
  }

  /// The next number, whose bits begin at the highest of a byte.
  mutating func nextFromHighest() throws(ParquetFault) -> UInt64 {
    guard position + width <= bytes.count * 8 else { throw .overrun }
    var number: UInt64 = 0
    for _ in 0..<width {
      let bit = bytes[position >> 3] >> UInt8(7 - position & 7) & 1
      number = number << 1 | UInt64(bit)
      position += 1
    }
    return number
  }
}
