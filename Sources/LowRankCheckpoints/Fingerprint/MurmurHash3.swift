/// MurmurHash3, the 128-bit variant for 64-bit machines (Appleby, 2011): fast, and known.
///
/// It tells accidents apart, not forgeries: whoever wants two texts with one hash can make them.
package struct MurmurHash3: Hashable, Sendable {
  private(set) var low: UInt64
  private(set) var high: UInt64

  private static let first: UInt64 = 0x87c3_7b91_1142_53d5
  private static let second: UInt64 = 0x4cf5_ad43_2745_937f

  /// The hash of some bytes.
  package init(of bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) {
    low = UInt64(seed)
    high = UInt64(seed)
    let blocks = bytes.count / 16
    for block in 0..<blocks {
      let left = bytes.loadUnaligned(fromByteOffset: 16 * block, as: UInt64.self)
      let right = bytes.loadUnaligned(fromByteOffset: 16 * block + 8, as: UInt64.self)
      low ^= Self.mixedFirst(UInt64(littleEndian: left))
      low = low.rotated(27) &+ high
      low = low &* 5 &+ 0x52dc_e729
      high ^= Self.mixedSecond(UInt64(littleEndian: right))
      high = high.rotated(31) &+ low
      high = high &* 5 &+ 0x3849_5ab5
    }
    var tail: (low: UInt64, high: UInt64) = (0, 0)
    for (position, byte) in bytes[(16 * blocks)...].enumerated() {
      let shifted = UInt64(byte) << (8 * UInt64(position % 8))
      if position < 8 { tail.low |= shifted } else { tail.high |= shifted }
    }
    high ^= Self.mixedSecond(tail.high)
    low ^= Self.mixedFirst(tail.low)
    finish(count: UInt64(bytes.count))
  }

  /// The sixteen bytes of the hash.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: low.littleEndian, Array.init)
      + withUnsafeBytes(of: high.littleEndian, Array.init)
  }

  /// The hash as 32 digits, the first half before the second.
  package var hexadecimal: String {
    [low, high].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private mutating func finish(count: UInt64) {
    low ^= count
    high ^= count
    low &+= high
    high &+= low
    low = Self.spread(low)
    high = Self.spread(high)
    low &+= high
    high &+= low
  }

  private static func mixedFirst(_ block: UInt64) -> UInt64 {
    (block &* first).rotated(31) &* second
  }

  private static func mixedSecond(_ block: UInt64) -> UInt64 {
    (block &* second).rotated(33) &* first
  }

  /// Lets every bit of the input change half of those of the output.
  private static func spread(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value = value &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}

extension UInt64 {
  fileprivate func rotated(_ places: UInt64) -> UInt64 { self << places | self >> (64 - places) }
}
