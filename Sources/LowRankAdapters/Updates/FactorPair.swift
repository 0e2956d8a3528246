import LowRankTensors

/// Two factors that enter an update only as their product `up · down`.
public struct FactorPair: Hashable, Sendable {
  /// A, `[rank, inputs]`.
  public let down: Parameter
  /// B, `[outputs, rank]`.
  public let up: Parameter

  /// A pair.
  public init(down: Parameter, up: Parameter) {
    self.down = down
    self.up = up
  }
}
