/// Reads Thrift's compact protocol, in which Parquet files describe themselves.
struct ThriftReader {
  /// The type of a field or element, by its number in the protocol.
  enum Kind: UInt8 {
    case yes = 1
    case no, byte, short, integer, long, double, binary, list, set, map, structure
  }

  private var cursor: ByteCursor
  private var depth = 0
  private static let deepest = 64

  init(_ bytes: UnsafeRawBufferPointer) { cursor = ByteCursor(bytes) }

  /// The number of bytes that were read.
  var position: Int { cursor.position }

  /// Reads the fields of a structure, of each of which `read` must take the value or skip it.
  mutating func structure(
    _ read: (inout Self, _ id: Int, _ kind: Kind) throws(ParquetFault) -> Void
  ) throws(ParquetFault) {
    try descend()
    defer { depth -= 1 }
    var id = 0
    while true {
      let header = try cursor.byte()
      guard header != 0 else { return }
      let kind = try Self.kind(header & 0x0f)
      let step = Int(header >> 4)
      id = step == 0 ? Int(truncatingIfNeeded: try cursor.zigzag()) : id &+ step
      try read(&self, id, kind)
    }
  }

  /// Reads the elements of a list, of each of which `read` must take the value or skip it.
  mutating func list(
    _ kind: Kind, _ read: (inout Self, _ kind: Kind) throws(ParquetFault) -> Void
  ) throws(ParquetFault) {
    guard kind == .list || kind == .set else { throw Self.mismatch(kind) }
    try descend()
    defer { depth -= 1 }
    let header = try cursor.byte()
    let count = header >> 4 == 15 ? try cursor.varint() : UInt64(header >> 4)
    // An element takes at least a byte.
    guard count <= cursor.count else { throw .overrun }
    guard count > 0 else { return }
    let element = try Self.kind(header & 0x0f)
    for _ in 0..<count { try read(&self, element) }
  }

  /// A structure in a list or field.
  mutating func structure(
    _ kind: Kind, _ read: (inout Self, _ id: Int, _ kind: Kind) throws(ParquetFault) -> Void
  ) throws(ParquetFault) {
    guard kind == .structure else { throw Self.mismatch(kind) }
    try structure(read)
  }

  mutating func integer(_ kind: Kind) throws(ParquetFault) -> Int {
    switch kind {
    case .byte: Int(Int8(bitPattern: try cursor.byte()))
    case .short, .integer, .long: Int(try cursor.zigzag())
    default: throw Self.mismatch(kind)
    }
  }

  /// A truth value in a field, whose type it is.
  func bool(_ kind: Kind) throws(ParquetFault) -> Bool {
    guard kind == .yes || kind == .no else { throw Self.mismatch(kind) }
    return kind == .yes
  }

  mutating func string(_ kind: Kind) throws(ParquetFault) -> String {
    guard kind == .binary else { throw Self.mismatch(kind) }
    let count = try cursor.varint()
    guard count <= cursor.count else { throw .overrun }
    let bytes = try cursor.take(Int(count))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ParquetFault("a name is not valid UTF-8")
    }
    return text
  }

  /// Skips the value of a field.
  mutating func skip(_ kind: Kind) throws(ParquetFault) {
    switch kind {
    case .yes, .no: break
    default: try skipElement(kind)
    }
  }

  /// Skips an element of a list, in which a truth value takes a byte.
  private mutating func skipElement(_ kind: Kind) throws(ParquetFault) {
    switch kind {
    case .yes, .no, .byte: _ = try cursor.byte()
    case .short, .integer, .long: _ = try cursor.varint()
    case .double: _ = try cursor.take(8)
    case .binary:
      let count = try cursor.varint()
      guard count <= cursor.count else { throw .overrun }
      _ = try cursor.take(Int(count))
    case .list, .set:
      try list(kind) { reader, kind throws(ParquetFault) in try reader.skipElement(kind) }
    case .map:
      try descend()
      defer { depth -= 1 }
      let count = try cursor.varint()
      guard count <= cursor.count else { throw .overrun }
      guard count > 0 else { return }
      let kinds = try cursor.byte()
      let (key, value) = (try Self.kind(kinds >> 4), try Self.kind(kinds & 0x0f))
      for _ in 0..<count {
        try skipElement(key)
        try skipElement(value)
      }
    case .structure:
      try structure { reader, _, kind throws(ParquetFault) in try reader.skip(kind) }
    }
  }

  private mutating func descend() throws(ParquetFault) {
    depth += 1
    guard depth <= Self.deepest else {
      throw ParquetFault("the description of the file is nested too deeply")
    }
  }

  private static func kind(_ number: UInt8) throws(ParquetFault) -> Kind {
    guard let kind = Kind(rawValue: number) else {
      throw ParquetFault("the description of the file has a value of the unknown type \(number)")
    }
    return kind
  }

  private static func mismatch(_ kind: Kind) -> ParquetFault {
    ParquetFault("the description of the file has a value of another type (\(kind)) than it should")
  }
}
