/// How GGUF numbers the types of tensors: as GGML does.
enum GGUFTensorType {
  /// The types that are read.
  static let stored: [UInt32: StoredType] = [
    0: .float32, 1: .float16, 30: .bfloat16, 2: .q4_0, 3: .q4_1, 6: .q5_0, 7: .q5_1, 8: .q8_0,
    10: .q2_K, 11: .q3_K, 12: .q4_K, 13: .q5_K, 14: .q6_K, 20: .iq4_NL,
  ]

  /// The number of a type.
  static func code(of type: StoredType) -> UInt32? { stored.first { $0.value == type }?.key }

  /// A type that is not read, by its name where GGML has one for the number.
  static func name(_ code: UInt32) -> String {
    others[code].map { "\($0) (type \(code) of GGML)" } ?? "type \(code) of GGML"
  }

  private static let others: [UInt32: String] = [
    9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S",
    22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
    34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
  ]
}
