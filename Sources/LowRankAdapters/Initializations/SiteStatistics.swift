import LowRankTensors

/// What a start is told of one linear map, or one slice of its outputs, on some data.
public struct SiteStatistics: Sendable {
  /// The second moments of the inputs x.
  public var inputs: SecondMoments?
  /// The second moments of the inputs of each part of the examples, where they were asked for apart.
  public var folds: [SecondMoments] = []
  /// The second moments of δ, the gradients of the summed loss with respect to the outputs.
  public var outputs: SecondMoments?
  /// G, the gradient of the mean loss with respect to the weight, `[outputs, inputs]`.
  public var gradient: HostMatrix<Float>?

  /// Statistics; those that nobody asked for are nil.
  public init(
    inputs: SecondMoments? = nil, outputs: SecondMoments? = nil,
    gradient: HostMatrix<Float>? = nil
  ) {
    (self.inputs, self.outputs, self.gradient) = (inputs, outputs, gradient)
  }
}
