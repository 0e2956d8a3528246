/// Values of a fixed size, one after the other.
struct PlainFixedDecoder: ValueDecoder {
  private var cursor: ByteCursor
  private let interpretation: Interpretation
  private let width: Int

  init(_ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation) {
    cursor = ByteCursor(bytes)
    self.interpretation = interpretation
    width = interpretation.width ?? 0
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    try interpretation.fixed(try cursor.take(width))
  }
}

/// Bytes of any length, each after its length.
struct PlainByteArrayDecoder: ValueDecoder {
  private var cursor: ByteCursor
  private let interpretation: Interpretation

  init(_ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation) {
    cursor = ByteCursor(bytes)
    self.interpretation = interpretation
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    let length = try cursor.load(as: UInt32.self)
    return try interpretation.bytes(try cursor.take(Int(length)))
  }
}

/// Truth values, a bit each from the lowest on, or in runs.
struct BooleanDecoder: ValueDecoder {
  private var cursor: ByteCursor
  private var bits: UInt8 = 0
  private var bitCount = 0
  private var runs: RunLengthDecoder?

  init(plain bytes: UnsafeRawBufferPointer) { cursor = ByteCursor(bytes) }

  init(runLength bytes: UnsafeRawBufferPointer) throws(ParquetFault) {
    cursor = ByteCursor(bytes)
    // A page without values may be empty.
    guard cursor.count > 0 else { return }
    let length = try cursor.load(as: UInt32.self)
    runs = try RunLengthDecoder(try cursor.take(Int(length)), width: 1)
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    if let value = try runs?.next() { return .bool(value != 0) }
    if bitCount == 0 { (bits, bitCount) = (try cursor.byte(), 8) }
    defer {
      bits >>= 1
      bitCount -= 1
    }
    return .bool(bits & 1 != 0)
  }
}

/// Values of a fixed size whose first bytes stand together, then their second bytes, and so on.
struct ByteStreamSplitDecoder: ValueDecoder {
  private let bytes: UnsafeRawBufferPointer
  private let interpretation: Interpretation
  private let count: Int
  private var index = 0
  private var value: [UInt8]

  init(_ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation) {
    let width = interpretation.width ?? 1
    self.bytes = bytes
    self.interpretation = interpretation
    count = bytes.count / width
    // A width beyond the page leaves no value to read.
    value = [UInt8](repeating: 0, count: count > 0 ? width : 0)
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    guard index < count else { throw .overrun }
    for stream in value.indices { value[stream] = bytes[stream * count + index] }
    index += 1
    return try value.withBytes { bytes throws(ParquetFault) in
      try interpretation.fixed(bytes)
    }
  }
}
