// The packed types have GGML's own names.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// How one element of a tensor is stored.
///
/// F32 and BF16 are the types of arithmetic. The packed types are those of GGML: a tensor of one holds a frozen weight in
/// blocks along its rows, and every operation unpacks what it needs of it.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 single precision.
  case float32 = "F32"
  /// The upper half of a single precision number, as bfloat16 stores it.
  case bfloat16 = "BF16"
  /// Token identifiers, positions and labels.
  case int32 = "I32"
  /// IEEE 754 half precision, read and never computed with.
  case float16 = "F16"
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
  /// 2 bits an element, a scale and a minimum of 4 bits for 16.
  case q2_K = "Q2_K"
  /// 3 bits an element, a scale of 6 bits for 16.
  case q3_K = "Q3_K"
  /// 4 bits an element, a scale and a minimum of 6 bits for 32.
  case q4_K = "Q4_K"
  /// 5 bits an element, a scale and a minimum of 6 bits for 32.
  case q5_K = "Q5_K"
  /// 6 bits an element, a scale of 8 bits for 16.
  case q6_K = "Q6_K"
  /// 4 bits an element that number one of 16 values, one scale for 32.
  case iq4_NL = "IQ4_NL"

  /// The packed types: weights of these are read where they lie and unpacked piece by piece.
  public static let packed = allCases.filter(\.isPacked)

  /// Whether the type only stores weights.
  public var isPacked: Bool { ![.float32, .bfloat16, .int32].contains(self) }

  /// The type itself, or F32 for a packed one, in which nothing new is stored.
  public var unpacked: ElementType { isPacked ? .float32 : self }

  /// The bytes that one element takes; those of a packed type, F16 apart, take none of their own.
  public var size: Int {
    precondition(block.count == 1, "an element of \(rawValue) has no size of its own")
    return block.bytes
  }

  /// The elements that are stored together, and the bytes that they take.
  public var block: (count: Int, bytes: Int) {
    switch self {
    case .float32, .int32: (1, 4)
    case .bfloat16, .float16: (1, 2)
    case .q4_0, .iq4_NL: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .q2_K: (256, 84)
    case .q3_K: (256, 110)
    case .q4_K: (256, 144)
    case .q5_K: (256, 176)
    case .q6_K: (256, 210)
    }
  }

  /// The bytes that a number of elements take, which fill whole blocks.
  public func bytes(of count: Int) -> Int {
    precondition(
      count.isMultiple(of: block.count), "\(count) elements are no whole blocks of \(rawValue)")
    return count / block.count * block.bytes
  }
}
