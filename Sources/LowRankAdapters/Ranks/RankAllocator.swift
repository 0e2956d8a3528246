import LowRankCheckpoints
import LowRankTensors

/// What changes the ranks of modules while a run trains them.
///
/// A run asks it before each step and tells it of each step that was taken. Its decisions are those of process 0, and its
/// state is saved with that of the run, so that a resumed run changes the same ranks at the same steps.
public protocol RankAllocator: Sendable {
  /// The rank of each module by path, as it is now; nil for a rule that trains all ranks at once.
  var ranks: [String: Int]? { get }
  /// Why the rule changes nothing or little in this run, and what would let it; nil where it changes something.
  ///
  /// - Parameter rates: the learning rates of all steps of the run, added up.
  func idleReason(rates: Double) -> String?
  /// The bytes that it holds from step to step.
  var stateSize: Int { get }
  /// The bytes that it takes beside those after a step.
  var workSize: Int { get }
  /// The leading directions that a step trains; nil for all of them.
  ///
  /// - Parameter step: the steps taken before it.
  func rank(at step: Int) -> Int?
  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - step: the steps taken before it.
  ///   - schedule: the rate that the run's schedule has at a step.
  func rate(at step: Int, _ schedule: (_ step: Int) -> Double) -> Double
  /// Changes the gradients of a step before the optimizer sees them.
  func prepare(_ gradients: inout [Parameter: Tensor], at step: Int, on engine: any Engine)
  /// Changes values after a step of the optimizer, and says what the optimizer and the model have to follow.
  ///
  /// - Throws: what agreeing with other processes throws.
  mutating func allocate(after step: RankStep, in store: inout ParameterStore) throws
    -> [RankChange]
  /// Learns what the adapter is after a change of its structure.
  mutating func follow(_ adapter: Adapter)
  /// The adapter as it is saved: without the directions that are gone.
  ///
  /// - Throws: what making an adapter throws.
  func finished(_ adapter: Adapter) throws -> Adapter
  /// What has to be saved to continue the run exactly.
  func state(on engine: any Engine) -> [TensorName: Tensor]
  /// Continues from a saved state.
  ///
  /// - Throws: `RankError` where a tensor is missing or misshapen.
  mutating func restore(_ state: [TensorName: Tensor], on engine: any Engine) throws
}

extension RankAllocator {
  /// It changes something.
  public func idleReason(rates: Double) -> String? { nil }

  /// Next to nothing.
  public var stateSize: Int { 0 }

  /// Next to nothing.
  public var workSize: Int { 0 }

  /// All of them.
  public func rank(at step: Int) -> Int? { nil }

  /// The schedule's.
  public func rate(at step: Int, _ schedule: (_ step: Int) -> Double) -> Double { schedule(step) }

  /// As they are.
  public func prepare(
    _ gradients: inout [Parameter: Tensor], at step: Int, on engine: any Engine
  ) {}

  /// Nothing.
  public mutating func allocate(
    after step: RankStep, in store: inout ParameterStore
  ) throws -> [RankChange] { [] }

  /// Nothing to learn.
  public mutating func follow(_ adapter: Adapter) {}

  /// As it is.
  public func finished(_ adapter: Adapter) throws -> Adapter { adapter }

  /// Nothing.
  public func state(on engine: any Engine) -> [TensorName: Tensor] { [:] }

  /// Nothing.
  public mutating func restore(_ state: [TensorName: Tensor], on engine: any Engine) throws {}
}

/// A step that the optimizer took.
public struct RankStep {
  /// The number of the step, from 1.
  public let number: Int
  /// The learning rate.
  public let rate: Double
  /// The gradients that the optimizer was given, still to be multiplied by ``gradientScale``.
  public let gradients: [Parameter: Tensor]
  /// What gradients are multiplied by: clipping and the mean over tokens.
  public let gradientScale: Double
  /// Where to compute.
  public let engine: any Engine
  /// Replaces bytes, of whatever number, by those of process 0.
  public let agree: (inout [UInt8]) throws -> Void

  /// A step.
  public init(
    number: Int, rate: Double, gradients: [Parameter: Tensor], gradientScale: Double,
    engine: any Engine, agree: @escaping (inout [UInt8]) throws -> Void = { _ in }
  ) {
    (self.number, self.rate, self.gradients) = (number, rate, gradients)
    (self.gradientScale, self.engine, self.agree) = (gradientScale, engine, agree)
  }
}

/// A change of ranks that the optimizer and the model follow.
public enum RankChange: Sendable {
  /// Numbers of a parameter that are gone, where the mask is 0: the moments of the parameter are multiplied by the mask.
  case mask(Parameter, [Float])
  /// The trained products join the frozen ones, and the factors start anew; the number counts these changes from 1.
  case fold(Int)
}
