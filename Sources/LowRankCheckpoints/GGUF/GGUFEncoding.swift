import LowRankTensors

/// How the matrices of a GGUF file that is written are stored.
///
/// As llama.cpp has it, norms and biases stay F32 whatever the matrices are, and a matrix whose rows are no whole blocks
/// of Q8_0 is F16.
public enum GGUFEncoding: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 half precision.
  case float16 = "F16"
  /// The upper half of a single precision number.
  case bfloat16 = "BF16"
  /// Eight bits an element, one scale for 32.
  case q8 = "Q8_0"

  /// The encoding of a name, in upper or lower case; nil for any other word.
  public init?(named word: String) {
    guard let encoding = Self(rawValue: word.uppercased()) else { return nil }
    self = encoding
  }

  /// How a tensor is stored, by llama.cpp's name and its shape.
  package func type(of name: TensorName, _ shape: Shape) -> StoredType {
    guard shape.rank > 1, !name.hasSuffix("_norm.weight") else { return .float32 }
    switch self {
    case .float16: return .float16
    case .bfloat16: return .bfloat16
    case .q8: return StoredType.q8_0.bytes(of: shape) == nil ? .float16 : .q8_0
    }
  }

  /// The value of `general.file_type`.
  package var fileType: GGUFValue {
    switch self {
    case .float16: .unsigned(1)
    case .bfloat16: .unsigned(32)
    case .q8: .unsigned(7)
    }
  }

  /// The value of `general.quantization_version`: that of GGML's present packed types.
  package static let version = GGUFValue.unsigned(2)
}

extension StoredType {
  /// The largest magnitude that is stored as a finite number; those beyond it become infinite.
  package var largestFinite: Float {
    switch self {
    case .float16: 65_504
    case .bfloat16: Float(bitPattern: 0x7f7f_0000)
    case .q8_0: Q8Block.largest
    default: .greatestFiniteMagnitude
    }
  }
}
