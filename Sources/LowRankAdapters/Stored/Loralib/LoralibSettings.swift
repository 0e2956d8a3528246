/// What a file of microsoft/LoRA does not say: how its factors are scaled, and which parts of fused maps they change.
public struct LoralibSettings: Hashable, Sendable {
  /// `lora_alpha`: the factors of rank r are scaled by `alpha / r`.
  public var alpha: Double
  /// `enable_lora` of `MergedLinear`: which of equal parts of the outputs are adapted, such as queries, keys and values.
  public var enabled: [Bool]?

  /// Settings as the model was trained with.
  public init(alpha: Double, enabled: [Bool]? = nil) {
    (self.alpha, self.enabled) = (alpha, enabled)
  }
}
