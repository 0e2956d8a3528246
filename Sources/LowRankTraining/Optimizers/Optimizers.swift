import LowRankAdapters
import LowRankTensors

/// Makes an optimizer that spares some roles from weight decay.
public typealias OptimizerMaker = @Sendable (_ undecayed: Set<Parameter.Role>) -> any Optimizer

extension MethodRegistries {
  /// How factors may be stepped.
  public static let optimizers = MethodRegistry<OptimizerMaker>(.optimizers, [AdamW.entry])
}
