import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// A group of parameters with the gradients of one step.
public struct GradientGroup: Sendable {
  /// A parameter and its gradient.
  public struct Member: Sendable {
    /// The parameter.
    public let parameter: Parameter
    /// The gradient, f32, still to be multiplied by the step's ``OptimizerStep/gradientScale``.
    public var gradient: Tensor
  }

  /// The path of the module.
  public let module: String
  /// What the product of the factors is multiplied by.
  public let scale: Float
  /// The pairs of factors among the members that enter the update only as their product.
  public let pairs: [FactorPair]
  /// The parameters that the loss of this step depends on, in the order of the group.
  public var members: [Member]

  init(_ group: ParameterGroup, _ gradients: [Parameter: Tensor]) {
    module = group.module
    scale = group.scale
    pairs = group.pairs
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
  /// Whether it steps the two factors of a pair together, so that it needs pairs.
  var needsPairs: Bool { get }
  /// Why it steps as AdamW does throughout a run, and what would change that; nil where it does not.
  ///
  /// - Parameter steps: the steps of the run.
  func idleReason(steps: Int) -> String?
  /// The parameters of a group that it changes at a step; gradients of the others are not computed.
  ///
  /// - Parameter step: the steps taken before it.
  func trained(of group: ParameterGroup, at step: Int) -> [Parameter]
  /// Changes the values of the groups' members.
  ///
  /// - Throws: `TrainingError` where a factorization does not exist; nothing is changed then.
  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError)
  /// Clears the state of the numbers of a parameter whose mask is 0: they were removed, or they start anew.
  ///
  /// - Parameter mask: 0 or 1 for each number of the parameter.
  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine)
  /// The bytes of its state for the given parameters.
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

/// Makes an optimizer that spares some roles from weight decay.
public typealias OptimizerMaker = @Sendable (_ undecayed: Set<Parameter.Role>) -> any Optimizer

extension Optimizer {
  /// No: any parameters will do.
  public var needsPairs: Bool { false }

  /// It does not.
  public func idleReason(steps: Int) -> String? { nil }

  /// All parameters of the group, at every step.
  public func trained(of group: ParameterGroup, at step: Int) -> [Parameter] { group.parameters }
}
