import LowRankTensors

/// How a checkpoint stores the elements of a tensor: every type that the safetensors format knows.
///
/// The order is the one in which the format's own library writes tensors, widest first.
public enum StoredType: String, Hashable, Sendable, CaseIterable {
  /// A byte that is 0 or 1.
  case bool = "BOOL"
  /// Half a byte of floating point.
  case float4 = "F4"
  /// Six bits of floating point, three of them mantissa.
  case float6e2m3 = "F6_E2M3"
  /// Six bits of floating point, two of them mantissa.
  case float6e3m2 = "F6_E3M2"
  /// An unsigned byte.
  case uint8 = "U8"
  /// A signed byte.
  case int8 = "I8"
  /// A byte of floating point, two bits of it mantissa.
  case float8e5m2 = "F8_E5M2"
  /// A byte of floating point, three bits of it mantissa.
  case float8e4m3 = "F8_E4M3"
  /// A power of two, the scale of a block.
  case float8e8m0 = "F8_E8M0"
  /// As `float8e4m3`, with one zero and no infinity.
  case float8e4m3fnuz = "F8_E4M3FNUZ"
  /// As `float8e5m2`, with one zero and no infinity.
  case float8e5m2fnuz = "F8_E5M2FNUZ"
  /// A signed 16-bit integer.
  case int16 = "I16"
  /// An unsigned 16-bit integer.
  case uint16 = "U16"
  /// IEEE 754 half precision.
  case float16 = "F16"
  /// The upper half of a single precision number.
  case bfloat16 = "BF16"
  /// A signed 32-bit integer.
  case int32 = "I32"
  /// An unsigned 32-bit integer.
  case uint32 = "U32"
  /// IEEE 754 single precision.
  case float32 = "F32"
  /// A complex number of two single precision parts.
  case complex64 = "C64"
  /// IEEE 754 double precision.
  case float64 = "F64"
  /// A signed 64-bit integer.
  case int64 = "I64"
  /// An unsigned 64-bit integer.
  case uint64 = "U64"

  /// The types in which weights are read and written.
  public static let floatingPoint: [StoredType] = [.float32, .bfloat16, .float16, .float64]

  /// The bits that one element takes.
  public var bits: Int {
    switch self {
    case .float4: 4
    case .float6e2m3, .float6e3m2: 6
    case .bool, .uint8, .int8, .float8e5m2, .float8e4m3, .float8e8m0, .float8e4m3fnuz,
      .float8e5m2fnuz:
      8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// The rank of the type in the order of a file; higher comes first.
  var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The type of a tensor that holds these bytes as they are; none where there is no such type.
  public var elementType: ElementType? { ElementType(rawValue: rawValue) }

  /// The stored form of a tensor's elements.
  public init(_ type: ElementType) {
    switch type {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .int32: self = .int32
    }
  }

  /// The bytes that a tensor of this type takes.
  ///
  /// None where the elements end within a byte, or where there are more than memory could hold.
  /// Extents beside a zero count too, so that no product of extents can overflow later.
  func bytes(of shape: Shape) -> Int? {
    var bits = bits
    for extent in shape.extents where extent != 0 {
      let (product, overflows) = bits.multipliedReportingOverflow(by: extent)
      guard !overflows else { return nil }
      bits = product
    }
    guard !shape.extents.contains(0) else { return 0 }
    return bits.isMultiple(of: 8) ? bits / 8 : nil
  }
}
