import LowRankCheckpoints

/// How far a merged model may be from the adapter on its base before it is refused.
///
/// Without limits of one's own: weights written in f32 may be `KL = 1e-4` nats a token and a thousandth of the largest
/// logit away; in bf16, f16 or Q8_0, which round every weight, `KL = 0.01` and a tenth.
public struct MergeLimits: Hashable, Sendable {
  /// The greatest mean `KL(p ‖ q)` in nats; nil for the standard one.
  public var divergence: Double?
  /// The greatest difference of two logits; nil for the standard one.
  public var difference: Double?

  /// Limits, standard where nil.
  public init(divergence: Double? = nil, difference: Double? = nil) {
    (self.divergence, self.difference) = (divergence, difference)
  }

  /// The limits with numbers in the place of nil.
  func resolved(for check: MergeCheck, writtenAs types: Set<StoredType>) -> MergeLimits {
    let isRounded = types.contains { $0.unitRoundoff > StoredType.float32.unitRoundoff }
    return MergeLimits(
      divergence: divergence ?? (isRounded ? 1e-2 : 1e-4),
      difference: difference ?? (isRounded ? 0.1 : 1e-3) * check.largestLogit)
  }

  /// - Throws: `AdapterError.mergedOtherwise` where the check is outside these limits, or not a number.
  func test(_ check: MergeCheck) throws(AdapterError) {
    for (name, value, limit) in [
      ("the mean KL divergence", check.divergence, divergence ?? .infinity),
      ("the largest logit difference", check.largestDifference, difference ?? .infinity),
    ] where !(value <= limit) {
      throw .mergedOtherwise(measure: name, value: value, limit: limit)
    }
  }
}
