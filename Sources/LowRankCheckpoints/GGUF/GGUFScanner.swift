/// Reads the header of a GGUF file piece by piece and never beyond its end.
///
/// Whatever a file claims, no more is allocated than it has bytes for.
struct GGUFScanner {
  let bytes: UnsafeRawBufferPointer
  let path: String
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer, at path: String) {
    self.bytes = bytes
    self.path = path
  }

  var remaining: Int { bytes.count - position }

  func fault(_ problem: String) -> GGUFError { GGUFError(path, problem) }

  /// The next little-endian integer.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self, of what: String
  ) throws(GGUFError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw fault("the file is cut short within \(what)") }
    defer { position += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  /// The next count of things, each of which takes at least so many bytes.
  mutating func count(of what: String, atLeast size: Int) throws(GGUFError) -> Int {
    let count = try integer(UInt64.self, of: "the number of \(what)")
    guard count <= UInt64(remaining / size) else {
      throw fault("\(count) \(what) do not fit into the \(remaining) bytes that follow")
    }
    return Int(count)
  }

  /// The next text: its length and its UTF-8.
  mutating func text(of what: String) throws(GGUFError) -> String {
    let count = try count(of: "bytes of \(what)", atLeast: 1)
    defer { position += count }
    let utf8 = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw fault("\(what) is not UTF-8")
    }
    return text
  }

  /// The next value with its type before it.
  ///
  /// - Parameter keepsLists: whether a list has its elements; without them it is empty, and its texts are not read.
  mutating func value(of key: String, keepsLists: Bool = true) throws(GGUFError) -> GGUFValue {
    let kind = try kind(of: key)
    guard kind == .array else { return try value(kind, of: key) }
    let element = try self.kind(of: key)
    guard element != .array else { throw fault("\"\(key)\" is a list of lists") }
    let count = try count(of: "elements of \"\(key)\"", atLeast: element.byteCount ?? 8)
    guard keepsLists else {
      try pass(count, element, of: key)
      return .array([])
    }
    var elements: [GGUFValue] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try value(element, of: key)) }
    return .array(elements)
  }

  /// Passes over the elements of a list.
  private mutating func pass(
    _ elements: Int, _ kind: GGUFKind, of key: String
  ) throws(GGUFError) {
    if let size = kind.byteCount {
      position += elements * size
      return
    }
    for _ in 0..<elements {
      position += try count(of: "bytes of \"\(key)\"", atLeast: 1)
    }
  }

  private mutating func kind(of key: String) throws(GGUFError) -> GGUFKind {
    let code = try integer(UInt32.self, of: "\"\(key)\"")
    guard let kind = GGUFKind(rawValue: code) else {
      throw fault("\"\(key)\" has the unknown type \(code)")
    }
    return kind
  }

  private mutating func value(_ kind: GGUFKind, of key: String) throws(GGUFError) -> GGUFValue {
    let what = "\"\(key)\""
    switch kind {
    case .uint8: return .unsigned(UInt64(try integer(UInt8.self, of: what)))
    case .uint16: return .unsigned(UInt64(try integer(UInt16.self, of: what)))
    case .uint32: return .unsigned(UInt64(try integer(UInt32.self, of: what)))
    case .uint64: return .unsigned(try integer(UInt64.self, of: what))
    case .int8: return .signed(Int64(try integer(Int8.self, of: what)))
    case .int16: return .signed(Int64(try integer(Int16.self, of: what)))
    case .int32: return .signed(Int64(try integer(Int32.self, of: what)))
    case .int64: return .signed(try integer(Int64.self, of: what))
    case .float32: return .float32(Float(bitPattern: try integer(UInt32.self, of: what)))
    case .float64: return .float64(Double(bitPattern: try integer(UInt64.self, of: what)))
    case .string: return .string(try text(of: what))
    case .bool:
      let byte = try integer(UInt8.self, of: what)
      guard byte < 2 else { throw fault("\(what) is \(byte), neither true nor false") }
      return .bool(byte == 1)
    case .array: preconditionFailure("lists are read above")
    }
  }
}
