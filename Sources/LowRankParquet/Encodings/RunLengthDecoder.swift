/// Numbers in runs of equal ones and in groups of eight, packed by bits (the format's RLE).
struct RunLengthDecoder {
  private var cursor: ByteCursor
  private let width: Int
  private var run: (value: UInt32, count: Int) = (0, 0)
  private var packed: BitReader
  private var packedCount = 0

  /// - Parameter width: the bits of a number.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(ParquetFault) {
    guard (0...32).contains(width) else {
      throw ParquetFault("numbers have \(width) bits, expected at most 32")
    }
    cursor = ByteCursor(bytes)
    self.width = width
    packed = BitReader(bytes, width: width)
  }

  mutating func next() throws(ParquetFault) -> UInt32 {
    while true {
      if run.count > 0 {
        run.count -= 1
        return run.value
      }
      if packedCount > 0 {
        packedCount -= 1
        return UInt32(truncatingIfNeeded: try packed.next())
      }
      try readHeader()
    }
  }

  private mutating func readHeader() throws(ParquetFault) {
    let header = try cursor.varint()
    guard header >> 1 <= UInt64(UInt32.max) else {
      throw ParquetFault("a run has \(header >> 1) numbers")
    }
    let count = Int(header >> 1)
    if header & 1 == 0 {
      var value: UInt32 = 0
      for byte in 0..<(width + 7) / 8 { value |= UInt32(try cursor.byte()) << UInt32(8 * byte) }
      run = (value, count)
    } else {
      // The last group may be cut off after the last number.
      let bytes = try cursor.take(min(count * width, cursor.count))
      packed = BitReader(bytes, width: width)
      packedCount = count * 8
    }
  }
}
