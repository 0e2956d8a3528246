import LowRankTensors

/// Something that is shown what flows through linear maps: covariances, gradient statistics, calibration.
///
/// The tape keeps nothing for it beyond what the map needs anyway.
public protocol LinearObserver: AnyObject {
  /// Is shown the input of a map in the forward pass.
  func observe(_ path: String, input: Tensor, on engine: any Engine)
  /// Is shown the input with the gradient of the output in the backward pass.
  func observe(_ path: String, input: Tensor, outputGradient: Tensor, on engine: any Engine)
}

extension LinearObserver {
  /// Ignores gradients.
  public func observe(
    _ path: String, input: Tensor, outputGradient: Tensor, on engine: any Engine
  ) {}
}
