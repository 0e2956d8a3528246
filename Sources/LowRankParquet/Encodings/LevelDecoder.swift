/// Reads the levels of a page, which say which parts of a field each value has.
struct LevelDecoder {
  private let most: Int
  private var runs: RunLengthDecoder?
  private var packed: BitReader?

  /// The levels at the beginning of the content of a page.
  ///
  /// - Parameters:
  ///   - most: the highest level; none is written if it is 0.
  ///   - count: the number of values in the page.
  init(
    in cursor: inout ByteCursor, encoding: Int, most: Int, count: Int
  ) throws(ParquetFault) {
    self.most = most
    guard most > 0 else { return }
    switch Encoding(rawValue: encoding) {
    case .runLength:
      let length = try cursor.load(as: UInt32.self)
      runs = try RunLengthDecoder(try cursor.take(Int(length)), width: Self.width(most))
    case .bitPacked:
      // A page has fewer than 2³¹ values.
      let size = (count * Self.width(most) + 7) / 8
      packed = BitReader(try cursor.take(size), width: Self.width(most))
    default: throw ParquetFault("levels have the encoding \(encoding), which is none for them")
    }
  }

  /// The levels that fill some bytes.
  init(_ bytes: UnsafeRawBufferPointer, most: Int) throws(ParquetFault) {
    self.most = most
    if most > 0 { runs = try RunLengthDecoder(bytes, width: Self.width(most)) }
  }

  mutating func next() throws(ParquetFault) -> Int {
    guard most > 0 else { return 0 }
    let level =
      if let level = try runs?.next() { Int(level) } else {
        Int(truncatingIfNeeded: try packed?.nextFromHighest() ?? 0)
      }
    guard level <= most else { throw ParquetFault("a level is \(level), expected at most \(most)") }
    return level
  }

  private static func width(_ most: Int) -> Int { Int.bitWidth - most.leadingZeroBitCount }
}
