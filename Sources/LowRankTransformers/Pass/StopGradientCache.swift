import LowRankTensors

/// Values that count as constants in the derivative although parameters enter them, such as DoRA's norms.
///
/// The first pass that is given an empty set records its own; later passes use those instead of working them out again.
/// What a tape computes is then the derivative of such passes, and differences of their losses can check it.
public final class StopGradientCache {
  private var values: [String: Tensor] = [:]

  /// A set that the next pass records.
  public init() {}

  fileprivate func value(at site: String, _ fresh: () -> Tensor) -> Tensor {
    if let value = values[site] { return value }
    let value = fresh()
    values[site] = value
    return value
  }
}

extension Pass {
  /// A value that counts as a constant in the derivative; `site` tells it from others.
  ///
  /// It is worked out in f32 by a pass that records nothing.
  public func constant(_ site: String, _ value: (Pass) -> Tensor) -> Tensor {
    var unrecorded = self
    unrecorded.compute = Computation(engine: compute.engine, type: .float32)
    return constants?.value(at: site) { value(unrecorded) } ?? value(unrecorded)
  }
}
