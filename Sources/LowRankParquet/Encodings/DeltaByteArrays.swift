/// Bytes of any length after the lengths of all of them (DELTA_LENGTH_BYTE_ARRAY).
struct DeltaLengthDecoder: ValueDecoder {
  private var slices: DeltaLengthSlices
  private let interpretation: Interpretation

  init(
    _ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation, most: Int
  ) throws(ParquetFault) {
    slices = try DeltaLengthSlices(bytes, most: most)
    self.interpretation = interpretation
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    try interpretation.bytes(try slices.next())
  }
}

/// Bytes as the number of first bytes that they share with their predecessor, and the others (DELTA_BYTE_ARRAY).
struct DeltaByteArrayDecoder: ValueDecoder {
  private var prefixes: DeltaIntegers
  private var suffixes: DeltaLengthSlices
  private let interpretation: Interpretation
  private var value: [UInt8] = []
  /// How many bytes the values may still have in all, so that a few bytes do not become as many as memory holds.
  private var allowance: Int

  init(
    _ bytes: UnsafeRawBufferPointer, _ interpretation: Interpretation, most: Int
  ) throws(ParquetFault) {
    self.interpretation = interpretation
    allowance = 1 << 26 + 64 * bytes.count
    prefixes = try DeltaIntegers(bytes, most: most)
    suffixes = try DeltaLengthSlices(try prefixes.rest(), most: most)
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    let shared = Int(Int32(truncatingIfNeeded: try prefixes.next()))
    guard shared >= 0, shared <= value.count else {
      throw ParquetFault("a value shares \(shared) bytes with one of \(value.count)")
    }
    value.removeSubrange(shared...)
    value.append(contentsOf: try suffixes.next())
    allowance -= value.count
    guard allowance >= 0 else {
      throw ParquetFault("the values of a page are far larger than the page")
    }
    if interpretation.physical == .fixedByteArray, value.count != interpretation.width {
      throw ParquetFault("a value has \(value.count) bytes, not those of its type")
    }
    return try value.withBytes { bytes throws(ParquetFault) in
      try interpretation.bytes(bytes)
    }
  }
}

/// Slices of bytes, which stand after the lengths of all of them.
struct DeltaLengthSlices {
  private var lengths: DeltaIntegers
  private var bytes: ByteCursor

  /// - Parameter most: the number of values of the page.
  init(_ bytes: UnsafeRawBufferPointer, most: Int) throws(ParquetFault) {
    lengths = try DeltaIntegers(bytes, most: most)
    self.bytes = ByteCursor(try lengths.rest())
  }

  mutating func next() throws(ParquetFault) -> UnsafeRawBufferPointer {
    let length = Int(Int32(truncatingIfNeeded: try lengths.next()))
    guard length >= 0 else { throw ParquetFault("a value has a negative length") }
    return try bytes.take(length)
  }
}
