/// A position in bytes, from which values are read; reading past the end throws.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The number of bytes that are left.
  var count: Int { bytes.count - position }

  /// The bytes that are left.
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position...]) }

  mutating func byte() throws(ParquetFault) -> UInt8 {
    guard position < bytes.count else { throw .overrun }
    defer { position += 1 }
    return bytes[position]
  }

  /// Takes a number of bytes.
  mutating func take(_ count: Int) throws(ParquetFault) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= self.count else { throw .overrun }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// A number of little-endian bytes.
  mutating func load<Number: FixedWidthInteger & BitwiseCopyable>(
    as type: Number.Type
  ) throws(ParquetFault) -> Number {
    guard MemoryLayout<Number>.size <= count else { throw .overrun }
    defer { position += MemoryLayout<Number>.size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
  }

  /// An unsigned number of seven bits a byte, lowest first (LEB128).
  mutating func varint() throws(ParquetFault) -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw ParquetFault("a number has more than 64 bits") }
      number |= UInt64(byte & 0x7f) << shift
      guard byte & 0x80 != 0 else { return number }
      shift += 7
    }
  }

  /// A signed number, whose lowest bit is the sign.
  mutating func zigzag() throws(ParquetFault) -> Int64 {
    let number = try varint()
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }
}
