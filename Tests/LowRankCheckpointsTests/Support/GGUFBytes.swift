/// The bytes of a GGUF file, put together by hand.
struct GGUFBytes {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  var tensorCount: UInt64?
  var valueCount: UInt64?
  /// Keys with their encoded values.
  var values: [(String, [UInt8])] = []
  var tensors: [[UInt8]] = []
  var alignment = 32
  var data: [UInt8] = []

  var bytes: [UInt8] {
    var header = magic + little(version) + little(tensorCount ?? UInt64(tensors.count))
    header += little(valueCount ?? UInt64(values.count))
    for (key, value) in values { header += text(key) + value }
    header += tensors.flatMap { $0 }
    let padding = (alignment - header.count % alignment) % alignment
    return header + Array(repeating: 0, count: padding) + data
  }

  /// A file with one tensor of four F32.
  static var one: GGUFBytes {
    GGUFBytes(tensors: [tensor("a", [2, 2])], data: Array(repeating: 0, count: 32))
  }

  /// The description of a tensor, the innermost extent first.
  static func tensor(
    _ name: String, _ extents: [UInt64], type: UInt32 = 0, offset: UInt64 = 0
  ) -> [UInt8] {
    text(name) + little(UInt32(extents.count)) + extents.flatMap { little($0) } + little(type)
      + little(offset)
  }
}

func little(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// A length and its text.
func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }
