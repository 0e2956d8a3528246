import LowRankCheckpoints
import LowRankTensors

/// A group of parameters with the gradients of one step.
public struct GradientGroup: Sendable {
  /// A parameter and its gradient.
  public struct Member: Sendable {
    /// The parameter.
    public let parameter: Parameter
    /// The gradient, f32, still to be multiplied by the step's ``OptimizerStep/gradientScale``.
    public let gradient: Tensor
  }

  /// The path of the module.
  public let module: String
  /// What the product of the factors is multiplied by.
  public let scale: Float
  /// The parameters that the loss of this step depends on, in the order of the group.
  public let members: [Member]

  init(_ group: ParameterGroup, _ gradients: [Parameter: Tensor]) {
    module = group.module
    scale = group.scale
    members = group.parameters.compactMap { parameter in
      gradients[parameter].map { Member(parameter: parameter, gradient: $0) }
    }
  }
}

/// The numbers of one step that are the same for all parameters.
public struct OptimizerStep: Sendable {
  /// The learning rate.
  public let rate: Double
  /// What gradients are multiplied by before anything else: clipping and the mean over tokens.
  public let gradientScale: Double
  /// Where to compute.
  public let engine: any Engine
}

/// A rule by which gradients change parameters.
///
/// Values and state are replaced in place where nobody else holds them. A parameter without a gradient
/// is left as it is, its state too.
public protocol Optimizer: Sendable {
  /// Changes the values of the groups' members.
  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore)
  /// The bytes of state that it keeps for the given parameters.
  func stateSize(of parameters: [Parameter]) -> Int
  /// What has to be saved to continue the run exactly: tensors named after the parameter and their part.
  func state(on engine: any Engine) -> [TensorName: Tensor]
  /// Continues from a saved state; a parameter of which it has nothing starts afresh.
  ///
  /// - Throws: `TrainingError` where the state does not fit the parameters.
  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError)
}
