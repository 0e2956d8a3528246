/// How one element of a tensor is stored.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 single precision.
  case float32 = "F32"
  /// The upper half of a single precision number, as bfloat16 stores it.
  case bfloat16 = "BF16"
  /// Token identifiers, positions and labels.
  case int32 = "I32"

  /// The bytes that one element takes.
  public var size: Int { self == .bfloat16 ? 2 : 4 }
}
