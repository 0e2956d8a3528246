/// The directory at the end of a zip archive.
struct ZipDirectory {
  /// Where its entries stand.
  let range: Range<Int>
  /// How many there are.
  let count: Int

  /// Finds the directory from the end of the file.
  ///
  /// - Throws: `TorchFault.damaged`.
  init(of bytes: UnsafeRawBufferPointer) throws(TorchFault) {
    let end = try Self.end(of: bytes)
    let record = ZipFields(bytes, end..<bytes.count)
    var (count, size, start) = (
      UInt64(record.uint16(10)), UInt64(record.uint32(12)), UInt64(record.uint32(16))
    )
    var limit = end
    if end >= 20, ZipFields(bytes, end - 20..<end).uint32(0) == 0x0706_4b50 {
      let place = ZipFields(bytes, end - 20..<end).uint64(8)
      guard let place = Int(exactly: place), place <= end - 20,
        case let large = ZipFields(bytes, place..<end - 20), large.count >= 56,
        large.uint32(0) == 0x0606_4b50
      else { throw Self.broken }
      (count, size, start) = (large.uint64(32), large.uint64(40), large.uint64(48))
      limit = place
    }
    // An entry takes 46 bytes or more, so the number of them is bounded by the file.
    guard let count = Int(exactly: count), let size = Int(exactly: size),
      let start = Int(exactly: start), start <= limit, size <= limit - start, count <= size / 46
    else { throw Self.broken }
    self.count = count
    range = start..<start + size
  }

  /// Where the last record begins: it may be followed by a comment, whose length it holds.
  private static func end(of bytes: UnsafeRawBufferPointer) throws(TorchFault) -> Int {
    let last = bytes.count - 22
    guard last >= 0 else { throw broken }
    for position in stride(from: last, through: max(0, last - 0xffff), by: -1) {
      let record = ZipFields(bytes, position..<bytes.count)
      if record.uint32(0) == 0x0605_4b50, Int(record.uint16(20)) == record.count - 22 {
        return position
      }
    }
    throw broken
  }

  private static var broken: TorchFault {
    .damaged("is broken: its zip archive has no directory at the end, so it may be cut short")
  }
}

/// Little-endian numbers of a part of a file.
struct ZipFields {
  private let bytes: UnsafeRawBufferPointer
  private let range: Range<Int>

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    (self.bytes, self.range) = (bytes, range)
  }

  var count: Int { range.count }

  func uint16(_ offset: Int) -> UInt16 { number(offset) }
  func uint32(_ offset: Int) -> UInt32 { number(offset) }
  func uint64(_ offset: Int) -> UInt64 { number(offset) }

  private func number<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= range.count, "\(offset)")
    return Value(
      littleEndian: bytes.loadUnaligned(
        fromByteOffset: range.lowerBound + offset, as: Value.self))
  }
}

/// The sizes and the place of an entry, of which those that are too large stand in an extra field.
struct ZipSizes {
  var size: UInt64
  var packed: UInt64
  var header: UInt64

  /// Reads the numbers that do not fit in 32 bits.
  ///
  /// - Throws: `TorchFault.damaged` where they are missing.
  mutating func extend(by extra: ZipFields) throws(TorchFault) {
    let large = UInt64(UInt32.max)
    guard size == large || packed == large || header == large else { return }
    var position = 0
    while position + 4 <= extra.count {
      let (kind, count) = (extra.uint16(position), Int(extra.uint16(position + 2)))
      guard position + 4 + count <= extra.count else { break }
      if kind == 1 {
        var next = position + 4
        func number(_ small: UInt64) throws(TorchFault) -> UInt64 {
          guard small == large else { return small }
          guard next + 8 <= position + 4 + count else { throw Self.broken }
          defer { next += 8 }
          return extra.uint64(next)
        }
        (size, packed, header) = (try number(size), try number(packed), try number(header))
        return
      }
      position += 4 + count
    }
    throw Self.broken
  }

  private static var broken: TorchFault {
    .damaged("is broken: the size of a large file in its zip archive is missing")
  }
}
