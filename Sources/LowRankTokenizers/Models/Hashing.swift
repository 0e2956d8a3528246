/// A fast hash of a few bytes, for tables that live in one process.
enum Hashing {
  @inline(__always)
  static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let product = first.multipliedFullWidth(by: second)
    return product.high ^ product.low
  }

  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
    let count = bytes.count
    var first: UInt64
    var second: UInt64
    if count >= 8 {
      // The last eight bytes may overlap those before them: every byte counts at least once.
      first = 0x9E37_79B9_7F4A_7C15
      var at = 0
      while at + 8 < count {
        let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        first = mix(first ^ word, 0xA076_1D64_78BD_642F)
        at += 8
      }
      second = base.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    } else if count >= 4 {
      first = UInt64(base.loadUnaligned(as: UInt32.self))
      second = UInt64(base.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    } else if count > 0 {
      first = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count - 1])
      second = 0
    } else {
      return 0
    }
    return mix(first ^ 0xE703_7ED1_A0B4_28DB ^ UInt64(count), second ^ 0x8EBC_6AF0_9C88_C6E3)
  }
}
