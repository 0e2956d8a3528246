import LowRank

extension StoredType {
  /// The type that a flag names; nil for another word.
  init?(flag: String) {
    switch flag {
    case "f32": self = .float32
    case "bf16": self = .bfloat16
    case "f16": self = .float16
    default: return nil
    }
  }
}
