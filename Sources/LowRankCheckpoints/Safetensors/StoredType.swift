import LowRankTensors

// The packed types have GGML's own names.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// How a checkpoint stores the elements of a tensor: every type that the safetensors format knows, and the packed ones
/// of GGUF.
///
/// The order of the former is the one in which their format's own library writes tensors, widest last.
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
  /// 4 bits an element, one scale for 32.
  case q4_0 = "Q4_0"
  /// 4 bits an element, a scale and a minimum for 32.
  case q4_1 = "Q4_1"
  /// 5 bits an element, one scale for 32.
  case q5_0 = "Q5_0"
  /// 5 bits an element, a scale and a minimum for 32.
  case q5_1 = "Q5_1"
  /// 8 bits an element, one scale for 32.
  case q8_0 = "Q8_0"
  /// 2 bits an element, in blocks of 256.
  case q2_K = "Q2_K"
  /// 3 bits an element, in blocks of 256.
  case q3_K = "Q3_K"
  /// 4 bits an element, in blocks of 256.
  case q4_K = "Q4_K"
  /// 5 bits an element, in blocks of 256.
  case q5_K = "Q5_K"
  /// 6 bits an element, in blocks of 256.
  case q6_K = "Q6_K"
  /// 4 bits an element that number one of 16 values.
  case iq4_NL = "IQ4_NL"

  /// The types in which weights are read and written.
  public static let floatingPoint: [StoredType] = [.float32, .bfloat16, .float16, .float64]

  /// The types that a safetensors file may hold.
  public static let safetensors = allCases.filter { !$0.isBlocked }

  /// Whether the elements are stored in blocks, as only GGUF has them.
  public var isBlocked: Bool { (elementType?.block.count ?? 1) > 1 }

  /// The bits that one element takes; of a block, one is counted as a whole.
  private var unit: (elements: Int, bits: Int) {
    if let block = elementType?.block { return (block.count, 8 * block.bytes) }
    return (1, bits)
  }

  /// The bits that one element takes; the share of one element of a block, rounded up.
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
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL:
      (unit.bits + unit.elements - 1) / unit.elements
    }
  }

  /// The rank of the type in the order of a file; higher comes first.
  var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The type of a tensor that holds these bytes as they are; none where there is no such type.
  public var elementType: ElementType? { ElementType(rawValue: rawValue) }

  /// The stored form of a tensor's elements.
  public init(_ type: ElementType) {
    self =
      switch type {
      case .float32: .float32
      case .bfloat16: .bfloat16
      case .int32: .int32
      case .float16: .float16
      case .q4_0: .q4_0
      case .q4_1: .q4_1
      case .q5_0: .q5_0
      case .q5_1: .q5_1
      case .q8_0: .q8_0
      case .q2_K: .q2_K
      case .q3_K: .q3_K
      case .q4_K: .q4_K
      case .q5_K: .q5_K
      case .q6_K: .q6_K
      case .iq4_NL: .iq4_NL
      }
  }

  /// The bytes that a tensor of this type takes.
  ///
  /// None where the elements end within a byte or rows within a block, or where there are more than memory could hold.
  /// Extents beside a zero count too, so that no product of extents can overflow later.
  func bytes(of shape: Shape) -> Int? {
    let unit = unit
    guard unit.elements == 1 || shape.columns.isMultiple(of: unit.elements) else { return nil }
    var bits = unit.bits
    for (index, extent) in shape.extents.enumerated() where extent != 0 {
      let isRow = index == shape.rank - 1
      let (product, overflows) = bits.multipliedReportingOverflow(
        by: isRow ? extent / unit.elements : extent)
      guard !overflows else { return nil }
      bits = product
    }
    guard !shape.extents.contains(0) else { return 0 }
    return bits.isMultiple(of: 8) ? bits / 8 : nil
  }
}
