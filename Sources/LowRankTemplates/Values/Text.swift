/// A string as Python has it, a sequence of code points: kept as UTF-8, whose bytes compare,
/// match and split exactly as the code points do.
struct Text: Hashable, Sendable {
  var bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }
  init(_ string: some StringProtocol) { bytes = Array(string.utf8) }
  init(_ scalars: some Sequence<Unicode.Scalar>) {
    bytes = []
    for scalar in scalars { append(scalar) }
  }

  var isEmpty: Bool { bytes.isEmpty }
  var string: String { String(decoding: bytes, as: UTF8.self) }
  var scalars: String.UnicodeScalarView { string.unicodeScalars }
  var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

  /// The number of code points: every byte that does not continue one.
  var count: Int {
    var count = 0
    for byte in bytes where byte & 0xc0 != 0x80 { count += 1 }
    return count
  }

  mutating func append(_ scalar: Unicode.Scalar) {
    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  static func + (left: Text, right: Text) -> Text { Text(bytes: left.bytes + right.bytes) }

  /// Where the code points begin, and the end.
  var offsets: [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(bytes.count + 1)
    for (offset, byte) in bytes.enumerated() where byte & 0xc0 != 0x80 { offsets.append(offset) }
    offsets.append(bytes.count)
    return offsets
  }

  /// The code points one by one, each as a string.
  var characters: [Text] {
    let offsets = offsets
    return (0..<offsets.count - 1).map { Text(bytes: Array(bytes[offsets[$0]..<offsets[$0 + 1]])) }
  }
}

extension Text: Comparable, ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self.init(value) }

  static func < (left: Text, right: Text) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
