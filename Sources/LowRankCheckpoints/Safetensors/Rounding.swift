extension Float {
  /// The number that is read back when this one is stored as a type.
  package func rounded(to type: StoredType) -> Float {
    switch type {
    case .bfloat16: Float(bitPattern: UInt32(bfloat16Bits) << 16)
    case .float16: Float(Float16(self))
    default: self
    }
  }
}

extension StoredType {
  /// The largest relative error of rounding to the type; of Q8_0, in relation to the largest number of a block.
  package var unitRoundoff: Double {
    switch self {
    case .bfloat16: 0x1p-8
    case .float16: 0x1p-11
    case .q8_0: 1 / 254
    default: 0x1p-24
    }
  }
}
