import LowRankTensors

/// The type of weights and matrix inputs; accumulation, norms, losses and adapters are f32 throughout.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// Single precision.
  case float32 = "f32"
  /// bfloat16 weights and matrix inputs.
  case bfloat16 = "bf16"
  /// bfloat16 where the processor multiplies it natively, else single precision.
  case automatic = "auto"

  /// The type on this machine.
  public var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .automatic: CPUEngine.multipliesBFloat16Natively ? .bfloat16 : .float32
    }
  }
}
