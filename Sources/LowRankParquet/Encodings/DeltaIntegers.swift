/// Integers as differences from their predecessors, in blocks of as few bits as each needs (DELTA_BINARY_PACKED).
struct DeltaIntegers {
  /// The number of integers.
  let count: Int
  private var cursor: ByteCursor
  private let blockSize: Int
  private let miniblocks: Int
  private var value: Int64
  private var index = 0
  private var least: Int64 = 0
  private var widths: UnsafeRawBufferPointer
  private var nextMiniblock = 0
  private var packed: BitReader
  private var packedCount = 0

  /// - Parameter most: the number of values of the page, above which `count` is refused.
  init(_ bytes: UnsafeRawBufferPointer, most: Int) throws(ParquetFault) {
    cursor = ByteCursor(bytes)
    widths = UnsafeRawBufferPointer(start: nil, count: 0)
    packed = BitReader(widths, width: 0)
    // A page without values may be empty.
    guard !bytes.isEmpty else {
      (blockSize, miniblocks, count, value) = (0, 0, 0, 0)
      return
    }
    let (size, parts, count) = (try cursor.varint(), try cursor.varint(), try cursor.varint())
    guard size > 0, size <= 1 << 24, parts > 0, size % parts == 0, size / parts % 8 == 0 else {
      throw ParquetFault("differences come in blocks of \(size) in \(parts) parts, which cannot be")
    }
    guard count <= most else {
      throw ParquetFault("a page of \(most) values has \(count) integers or lengths")
    }
    blockSize = Int(size)
    miniblocks = Int(parts)
    self.count = Int(count)
    value = try cursor.zigzag()
    nextMiniblock = miniblocks
  }

  mutating func next() throws(ParquetFault) -> Int64 {
    guard index < count else { throw .overrun }
    defer { index += 1 }
    guard index > 0 else { return value }
    if packedCount == 0 { try readMiniblock() }
    packedCount -= 1
    value = value &+ least &+ Int64(bitPattern: try packed.next())
    return value
  }

  /// What follows the integers.
  func rest() throws(ParquetFault) -> UnsafeRawBufferPointer {
    var other = self
    var left = count - max(index, 1) - packedCount
    while left > 0 {
      try other.readMiniblock()
      left -= other.packedCount
    }
    return other.cursor.rest
  }

  private mutating func readMiniblock() throws(ParquetFault) {
    if nextMiniblock == miniblocks {
      least = try cursor.zigzag()
      widths = try cursor.take(miniblocks)
      nextMiniblock = 0
    }
    let width = Int(widths[nextMiniblock])
    guard width <= 64 else { throw ParquetFault("differences have \(width) bits") }
    nextMiniblock += 1
    packedCount = blockSize / miniblocks
    packed = BitReader(try cursor.take(min(packedCount / 8 * width, cursor.count)), width: width)
  }
}

/// Integers of a page that are written as differences.
struct DeltaIntegerDecoder: ValueDecoder {
  private var integers: DeltaIntegers
  private let interpretation: Interpretation

  init(
    _ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation, most: Int
  ) throws(ParquetFault) {
    integers = try DeltaIntegers(bytes, most: most)
    self.interpretation = interpretation
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    let number = try integers.next()
    return interpretation.integer(
      interpretation.physical == .int32 ? Int64(Int32(truncatingIfNeeded: number)) : number)
  }
}
