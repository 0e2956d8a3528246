/// Scalars in and out of UTF-8 that is known to be valid.
enum UTF8Text {
  /// The scalar that starts at byte `at`, and its length in bytes.
  @inline(__always)
  static func scalar(
    in bytes: UnsafeBufferPointer<UInt8>, at: Int
  ) -> (value: UInt32, length: Int) {
    let first = UInt32(bytes[at])
    if first < 0x80 { return (first, 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | tail(bytes, at + 1), 2) }
    if first < 0xF0 {
      return ((first & 0x0F) << 12 | tail(bytes, at + 1) << 6 | tail(bytes, at + 2), 3)
    }
    let high = (first & 0x07) << 18 | tail(bytes, at + 1) << 12
    return (high | tail(bytes, at + 2) << 6 | tail(bytes, at + 3), 4)
  }

  @inline(__always)
  private static func tail(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32 {
    UInt32(bytes[at] & 0x3F)
  }

  /// The length of the scalar that starts with this byte.
  @inline(__always)
  static func length(startingWith byte: UInt8) -> Int {
    byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }

  /// Whether a byte continues a scalar that began before it.
  @inline(__always)
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// Where the scalar before byte `at` starts.
  static func start(before at: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = at - 1
    while isContinuation(bytes[start]) { start -= 1 }
    return start
  }

  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    switch scalar {
    case ..<0x80:
      bytes.append(UInt8(scalar))
    case ..<0x800:
      bytes.append(UInt8(0xC0 | scalar >> 6))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    case ..<0x10000:
      bytes.append(UInt8(0xE0 | scalar >> 12))
      bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    default:
      bytes.append(UInt8(0xF0 | scalar >> 18))
      bytes.append(UInt8(0x80 | scalar >> 12 & 0x3F))
      bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    }
  }

  /// The scalars of a text.
  static func scalars(_ bytes: [UInt8]) -> [UInt32] {
    bytes.withUnsafeBufferPointer { bytes in
      var result: [UInt32] = []
      result.reserveCapacity(bytes.count)
      var at = 0
      while at < bytes.count {
        let (value, length) = scalar(in: bytes, at: at)
        result.append(value)
        at += length
      }
      return result
    }
  }
}
