import Foundation
import LowRankTensors

/// A tensor to be written: described at once, its bytes produced when their turn comes.
public struct TensorSource {
  /// The name.
  public let name: TensorName
  /// How the elements are stored.
  public let type: StoredType
  /// The extents, row-major.
  public let shape: Shape
  /// Gives the bytes, little-endian, to its argument, in as many pieces as it likes.
  package let produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// The size in bytes.
  public let byteCount: Int

  /// A tensor whose bytes, exactly as many as shape and type take, `produce` hands over in pieces.
  public init(
    _ name: TensorName, _ type: StoredType, _ shape: Shape,
    produce: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    guard let byteCount = type.bytes(of: shape) else {
      preconditionFailure("\(type.rawValue) \(shape) takes no whole number of bytes")
    }
    self.name = name
    self.type = type
    self.shape = shape
    self.byteCount = byteCount
    self.produce = produce
  }

  /// A tensor with these bytes, little-endian.
  public init(_ name: TensorName, _ type: StoredType, _ shape: Shape, bytes: [UInt8]) {
    self.init(name, type, shape) { sink in try bytes.withUnsafeBytes(sink) }
    precondition(
      bytes.count == byteCount, "\(name) takes \(byteCount) bytes and was given \(bytes.count)")
  }

  /// A tensor copied from a mapped file, under its own or another name.
  public init(_ tensor: StoredTensor, as name: TensorName? = nil) {
    self.init(name ?? tensor.name, tensor.type, tensor.shape) { sink in try tensor.withPieces(sink)
    }
  }

  /// A tensor of these values, stored as F32 or F64, or rounded to the nearest BF16 or F16 number, or to Q8_0.
  ///
  /// They are worked out when the tensor is written, so that one is in memory at a time.
  public init(
    _ name: TensorName, _ shape: Shape, floats: @autoclosure @escaping () throws -> [Float],
    as type: StoredType = .float32
  ) {
    self.init(name, type, shape) { sink in
      let floats = try floats()
      precondition(
        floats.count == shape.count, "\(name) is \(shape) and was given \(floats.count) values")
      try Self.store(floats, as: type, sink)
    }
  }

  /// A tensor whose values are worked out some rows at a time, and stored as those of a whole one are.
  ///
  /// - Parameter numbers: gives the values of a run of rows; a tensor of one dimension is one row.
  package init(
    _ name: TensorName, _ shape: Shape, as type: StoredType,
    byRows numbers: @escaping (Range<Int>) throws -> [Float]
  ) {
    self.init(name, type, shape) { sink in
      let (rows, columns) = (shape.rows, shape.columns)
      let step = max(1, Self.panel / max(1, columns))
      for start in stride(from: 0, to: rows, by: step) {
        let panel = start..<min(start + step, rows)
        let floats = try numbers(panel)
        precondition(floats.count == panel.count * columns, "\(name): \(floats.count) values")
        try Self.store(floats, as: type, sink)
      }
    }
  }

  /// The elements that are worked out at a time.
  private static let panel = 1 << 20

  private static func store(
    _ floats: [Float], as type: StoredType, _ sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    switch type {
    case .float32: try floats.withUnsafeBytes(sink)
    case .bfloat16: try floats.map(\.bfloat16Bits).withUnsafeBytes(sink)
    case .float64: try floats.map(Double.init).withUnsafeBytes(sink)
    case .float16: try floats.map { Float16($0).bitPattern }.withUnsafeBytes(sink)
    case .q8_0: try Q8Block.bytes(of: floats).withUnsafeBytes(sink)
    default: preconditionFailure("\(type.rawValue) is no type to store Float values as")
    }
  }
}

extension TensorSource {
  /// Whether a tensor of a file is this one, byte for byte: what was written is read back and compared.
  ///
  /// - Throws: `FileError`, and what the source throws.
  public func isStored(as tensor: StoredTensor) throws -> Bool {
    guard tensor.type == type, tensor.shape == shape else { return false }
    let start = tensor.range.lowerBound
    return try tensor.withBytes { stored in
      var (offset, isSame) = (0, true)
      try produce { piece in
        let end = offset + piece.count
        isSame = isSame && end <= stored.count && piece.hasBytes(of: stored[offset..<end])
        tensor.file.forget(start + offset..<start + max(offset, min(end, stored.count)))
        offset = end
      }
      return isSame && offset == stored.count
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the same number of bytes at another address is equal.
  fileprivate func hasBytes(of other: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let address = baseAddress, let place = UnsafeRawBufferPointer(rebasing: other).baseAddress
    else { return other.isEmpty }
    return memcmp(address, place, count) == 0
  }
}

extension Float {
  /// The upper half of the nearest number that has no lower half; of two, the even one.
  var bfloat16Bits: UInt16 {
    if isNaN { return UInt16(bitPattern >> 16) | 0x40 }  // rounding could turn it into infinity
    return UInt16((bitPattern + 0x7fff + (bitPattern >> 16) & 1) >> 16)
  }
}
