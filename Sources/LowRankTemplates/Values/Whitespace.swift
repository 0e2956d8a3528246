/// The white space of Python's strings, found in UTF-8.
enum Whitespace {
  /// The bytes of the white space that begins at an offset; 0 where there is none.
  static func length(in bytes: [UInt8], at offset: Int) -> Int {
    guard offset < bytes.count else { return 0 }
    let first = bytes[offset]
    if first < 0x80 { return isASCIISpace(first) ? 1 : 0 }
    guard first == 0xc2 || (0xe1...0xe3).contains(first) else { return 0 }
    let length = first == 0xc2 ? 2 : 3
    guard offset + length <= bytes.count else { return 0 }
    return isLongSpace(bytes[offset..<offset + length]) ? length : 0
  }

  /// The bytes of the white space that ends at an offset.
  static func length(in bytes: [UInt8], before offset: Int, from start: Int = 0) -> Int {
    guard offset > start else { return 0 }
    let last = bytes[offset - 1]
    if last < 0x80 { return isASCIISpace(last) ? 1 : 0 }
    for length in [2, 3] where offset - length >= start {
      if isLongSpace(bytes[offset - length..<offset]) { return length }
    }
    return 0
  }

  /// Where the white space that begins at an offset ends.
  static func end(in bytes: [UInt8], from offset: Int) -> Int {
    var at = offset
    while case let length = length(in: bytes, at: at), length > 0 { at += length }
    return at
  }

  /// Where the white space that ends at an offset begins.
  static func start(in bytes: [UInt8], before offset: Int, from first: Int = 0) -> Int {
    var at = offset
    while case let length = length(in: bytes, before: at, from: first), length > 0 { at -= length }
    return at
  }

  static func isASCIISpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte) || (0x1c...0x1f).contains(byte)
  }

  private static func isLongSpace(_ bytes: ArraySlice<UInt8>) -> Bool {
    switch (bytes.count, bytes.first, bytes.last) {
    case (2, 0xc2, 0x85), (2, 0xc2, 0xa0): return true
    case (3, 0xe1, 0x80): return bytes[bytes.startIndex + 1] == 0x9a
    case (3, 0xe2, let last?):
      switch bytes[bytes.startIndex + 1] {
      case 0x80: return (0x80...0x8a).contains(last) || [0xa8, 0xa9, 0xaf].contains(last)
      case 0x81: return last == 0x9f
      default: return false
      }
    case (3, 0xe3, 0x80): return bytes[bytes.startIndex + 1] == 0x80
    default: return false
    }
  }
}
