import LowRankAdapters
import LowRankTensors

/// What a run chose on the axes that have to go together, and why a combination cannot be.
public struct MethodCombination: Hashable, Sendable {
  /// The architecture.
  public let architecture: MethodChoice
  /// The initialization; nil for the architecture's own.
  public let initialization: MethodChoice?
  /// The optimizer.
  public let optimizer: MethodChoice

  /// A combination.
  public init(
    _ architecture: MethodChoice, from initialization: MethodChoice?, by optimizer: MethodChoice
  ) {
    (self.architecture, self.initialization) = (architecture, initialization)
    self.optimizer = optimizer
  }

  /// Why a run cannot begin, with the two choices that are to blame; nil for an error of another kind.
  public func refusal(of error: TrainingError) -> MethodError? {
    guard case .noPairs = error else { return nil }
    return .apart(
      optimizer.name, .optimizers, architecture.name, .architectures,
      why: "it changes pairs of factors A and B, and the method has none on these targets")
  }

  /// Refuses a fresh run whose first step could not change anything.
  ///
  /// - Throws: `MethodError.apart`.
  public func check(_ training: Training) throws(MethodError) {
    guard let pair = training.stuckPair else { return }
    let why =
      "at first it holds a factor that begins at zero (\(pair.down.module)), so that nothing could be trained"
    guard let initialization else {
      throw .apart(optimizer.name, .optimizers, architecture.name, .architectures, why: why)
    }
    throw .apart(optimizer.name, .optimizers, initialization.name, .initializations, why: why)
  }
}
