import Foundation
import LowRankTensors

extension GGUFFile {
  /// Writes a file of version 3, little-endian, tensors one after the other at multiples of 32 bytes.
  ///
  /// The file is complete only when this returns; publish it.
  ///
  /// - Parameter tensors: of a type that GGUF has, with extents outermost first.
  /// - Throws: `FileError`, `GGUFError` for a tensor of another type or a name twice, and what a source throws.
  public static func write(
    _ tensors: [TensorSource], metadata: [(String, GGUFValue)], to url: URL
  ) throws {
    try write(tensors, entries: metadata.map { GGUFEntry($0, $1) }, to: url)
  }

  /// Writes a file whose metadata are given as they are stored.
  ///
  /// - Parameter alignment: what the offsets of tensors are multiples of, which `general.alignment` must say if it is
  ///   not 32.
  /// - Throws: as ``write(_:metadata:to:)``.
  public static func write(
    _ tensors: [TensorSource], entries: [GGUFEntry], alignment: Int = standardAlignment,
    to url: URL
  ) throws {
    let path = url.relativePath
    func padding(after count: Int) -> [UInt8] {
      Array(repeating: 0, count: (alignment - count % alignment) % alignment)
    }
    var header = magic + littleEndian(UInt32(3))
    header += littleEndian(UInt64(tensors.count)) + littleEndian(UInt64(entries.count))
    for entry in entries { header += text(entry.key.text) + entry.stored }
    var (offset, names): (Int, Set<TensorName>) = (0, [])
    for tensor in tensors {
      guard let code = GGUFTensorType.code(of: tensor.type) else {
        throw GGUFError(path, "a tensor of type \(tensor.type.rawValue) has no place in GGUF")
      }
      guard names.insert(tensor.name).inserted else {
        throw GGUFError(path, "two tensors cannot have the name \"\(tensor.name)\"")
      }
      header += text(tensor.name.text) + littleEndian(UInt32(tensor.shape.rank))
      for extent in tensor.shape.extents.reversed() { header += littleEndian(UInt64(extent)) }
      header += littleEndian(code) + littleEndian(UInt64(offset))
      offset += tensor.byteCount + padding(after: tensor.byteCount).count
    }
    let file = try OutputFile(at: url)
    try file.write(header + padding(after: header.count))
    for tensor in tensors {
      var count = 0
      try tensor.produce { bytes in
        count += bytes.count
        try file.write(bytes)
      }
      precondition(count == tensor.byteCount, "\(tensor.name) gave \(count) bytes")
      try file.write(padding(after: count))
    }
    try file.close()
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  private static func text(_ text: String) -> [UInt8] {
    littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  /// A value behind its type; whole numbers take 32 bits where they fit.
  static func encoded(_ value: GGUFValue) -> [UInt8] {
    let kind = kind(of: value)
    guard case .array(let elements) = value else {
      return littleEndian(kind.rawValue) + body(value, kind)
    }
    let element = elements.first.map { self.kind(of: $0) } ?? .uint32
    precondition(elements.allSatisfy { self.kind(of: $0) == element }, "a list of several types")
    return littleEndian(kind.rawValue) + littleEndian(element.rawValue)
      + littleEndian(UInt64(elements.count)) + elements.flatMap { body($0, element) }
  }

  private static func kind(of value: GGUFValue) -> GGUFKind {
    switch value {
    case .unsigned(let number): number <= UInt32.max ? .uint32 : .uint64
    case .signed: .int64
    case .float32: .float32
    case .float64: .float64
    case .bool: .bool
    case .string: .string
    case .array: .array
    }
  }

  private static func body(_ value: GGUFValue, _ kind: GGUFKind) -> [UInt8] {
    switch value {
    case .unsigned(let number):
      kind == .uint32 ? littleEndian(UInt32(number)) : littleEndian(number)
    case .signed(let number): littleEndian(number)
    case .float32(let number): littleEndian(number.bitPattern)
    case .float64(let number): littleEndian(number.bitPattern)
    case .bool(let flag): [flag ? 1 : 0]
    case .string(let text): Self.text(text)
    case .array: preconditionFailure("a list of lists")
    }
  }
}
